import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { v7 } from 'uuid';
import { testConnection } from '../../electron/engine/doctor/doctor.ts';
import { openS3Client } from '../../electron/engine/s3/client.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { openProbe } from '../../electron/engine/s3/probe.ts';
import type { Encryption } from '../../shared/encryption.ts';
import { MIB } from '../../shared/parts.ts';
import { formBytes, openServing } from '../serve/serving.ts';
import {
  countingServer,
  objectBytes,
  openRemote,
  openTestEngine,
  randomFile,
  settingsFor,
  signal,
  toBio,
} from '../support/engine.ts';
import { openServer, unavailable, type S3Access } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The key that the tests' Ceph knows; the embedded server takes any. */
const underKey: Encryption = { algorithm: 'aws:kms', keyId: 'testkey-1' };

async function doctor(access: S3Access, encryption: Encryption) {
  const settings: StorageSettings = { ...settingsFor(access), encryption };
  const host = { nowMs: Date.now, signal: signal() };
  const probe = openProbe(openS3Client(settings), settings.bucket, host);
  try {
    const { report } = await testConnection(probe, { settings, userId: 'teacher-7', uuid: v7 });
    return { report, check: report.checks.find(({ id }) => id === 'encryption') };
  } finally {
    probe.close();
  }
}

describe.each(['embedded', 'rgw'] as const)('on %s', (name) => {
  test.skipIf(unavailable(name))(
    'a small and a large recording are encrypted as chosen, and verified although an ETag says nothing then',
    async () => {
      await using s3 = await openServer(name);
      await using dir = await tempDir();
      await using app = openTestEngine(s3, dir.path, { settings: { encryption: underKey } });
      const files = [join(dir.path, 'a.mp3'), join(dir.path, 'b.mp4')] as const;
      const bytes = [await randomFile(files[0], 40_000), await randomFile(files[1], 20 * MIB)];
      const jobs = await app.engine.uploadNow(files, toBio, signal());
      const proof = name === 'embedded' ? 'checksum' : 'read-back';
      for (const [i, job] of jobs.entries()) {
        if (job instanceof Error) throw job;
        expect(job.state).toMatchObject({ kind: 'verified', proof });
        const info = await app.remote.head(job.key!, signal());
        expect(info).toMatchObject({ encryption: 'aws:kms', kmsKeyId: 'testkey-1' });
        expect((await objectBytes(app.remote, job.key!)).equals(bytes[i]!)).toBe(true);
      }
    },
  );
});

test.each(['light', 'sdk'] as const)(
  'the %s way asks for it wherever an object begins: whole, in parts, and as a stream of either length',
  async (way) => {
    await using s3 = await countingServer();
    using remote = openRemote(s3, { way, encryption: underKey });
    const headers = { contentType: 'audio/mpeg', metadata: {} };
    const small = Buffer.from('sound');
    const sum = crc32(small);
    const ledger = { opening() {}, opened() {}, completed() {}, ended() {} };
    await remote.putObject('a', small, sum, headers, signal());
    const uploadId = await remote.createUpload('b', headers, signal());
    const etag = await remote.putPart('b', uploadId, 1, small, sum, signal());
    const whole = { sizeBytes: small.length, crc32: sum };
    const part = { number: 1, etag, sizeBytes: small.length, crc32: sum };
    await remote.completeUpload('b', uploadId, [part], whole, signal());
    await remote.putStream('c', Readable.from([small]), headers, ledger, signal());
    const large = Array.from({ length: 20 }, () => Buffer.alloc(MIB, 7));
    await remote.putStream('d', Readable.from(large), headers, ledger, signal());
    const operations = s3.requests.map(({ operation }) => operation);
    expect(operations).toContain('CreateMultipartUpload');
    for (const key of ['a', 'b', 'c', 'd'])
      expect([key, await remote.head(key, signal())]).toEqual([
        key,
        expect.objectContaining({ encryption: 'aws:kms', kmsKeyId: 'testkey-1' }),
      ]);
  },
);

test('a form upload is encrypted as chosen, in one request and in parts', async () => {
  await using serving = await openServing({ settings: { encryption: { algorithm: 'AES256' } } });
  for (const sizeBytes of [1_000, 20 * MIB]) {
    const { type, bytes } = formBytes([
      { name: 'folder', value: 'audio/bio-101' },
      { name: 'file', value: Buffer.alloc(sizeBytes, 7), fileName: 'a.mp3' },
    ]);
    const headers = { 'content-type': type };
    const body = new Uint8Array(bytes);
    const answer = await serving.ask('/api/v1/s3/upload', { method: 'POST', headers, body });
    const { key } = (await answer.json()) as { key: string };
    expect(await serving.remote.head(key, signal())).toMatchObject({ encryption: 'AES256' });
  }
});

test('without a choice nothing is asked for, and the bucket decides', async () => {
  await using serving = await openServing();
  const { type, bytes } = formBytes([
    { name: 'folder', value: 'audio/bio-101' },
    { name: 'file', value: 'x', fileName: 'a.mp3' },
  ]);
  const init = { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(bytes) };
  const { key } = (await (await serving.ask('/api/v1/s3/upload', init)).json()) as { key: string };
  expect((await serving.remote.head(key, signal()))?.encryption).toBeUndefined();
});

test('the connection test stores its object as chosen, and says whether the storage does so', async () => {
  await using s3 = await countingServer();
  const { report, check } = await doctor(s3, underKey);
  expect(report.ok).toBe(true);
  expect(check).toEqual({
    id: 'encryption',
    ok: true,
    title: 'New objects are encrypted as chosen',
    detail: 'aws:kms, key testkey-1',
  });
  s3.switches.encryption = 'ignored';
  const overlooked = await doctor(s3, underKey);
  expect(overlooked.report.ok).toBe(false);
  expect(overlooked.check).toMatchObject({
    ok: false,
    title: 'The storage does not encrypt as it is asked to',
    remedy: expect.stringContaining('says nothing'),
  });
});

test.skipIf(unavailable('rgw'))(
  'a storage (rgw) that cannot encrypt as asked keeps recordings waiting, and both upload and test say why',
  async () => {
    await using s3 = await openServer('rgw');
    await using dir = await tempDir();
    for (const encryption of [
      { algorithm: 'AES256' },
      { algorithm: 'aws:kms', keyId: 'nobodys-key' },
    ] as const) {
      const { report, check } = await doctor(s3, encryption);
      expect(report.ok).toBe(false);
      expect(check).toMatchObject({ ok: false, code: 'encryption-refused' });
      expect(check?.detail).toContain(encryption.algorithm);
    }
    const encryption = { algorithm: 'AES256' } as const;
    await using app = openTestEngine(s3, dir.path, { settings: { encryption } });
    const file = join(dir.path, 'a.mp3');
    await randomFile(file, 40_000);
    void app.engine.uploadNow([file], toBio, signal()).catch(() => {});
    await expect.poll(() => app.engine.queue.trouble?.code).toBe('encryption-refused');
    // The trouble is told before its job is put back.
    await expect.poll(() => app.engine.jobs.list('queued', 10)).toHaveLength(1);
  },
);
