/** @file What a storage can do beyond the least: found out once, remembered, and used. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../electron/engine/doctor/doctor-run.ts';
import { knownStorage } from '../../electron/engine/doctor/known.ts';
import type { Known } from '../../electron/engine/s3/known.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { MIB } from '../../shared/parts.ts';
import {
  countingServer,
  objectBytes,
  openTestEngine,
  randomFile,
  settingsFor,
  toBio,
  type Counted,
} from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { tempDir } from '../support/temp-dir.ts';

const signal = () => AbortSignal.timeout(60_000);

async function openStage(switches: Counted['switches'] = {}) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await countingServer(switches));
  const dir = stack.use(await tempDir());
  const app = stack.use(openTestEngine(s3, dir.path, { quietMs: 30, random: () => 0 }));
  let files = 0;
  return {
    s3,
    app,
    dir: dir.path,
    async upload(sizeBytes: number) {
      const path = join(dir.path, `${(files += 1)}.mp3`);
      const bytes = await randomFile(path, sizeBytes);
      const [job] = await app.engine.uploadNow([path], toBio, signal());
      if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
      expect((await objectBytes(app.remote, job.key!)).equals(bytes)).toBe(true);
      return job;
    },
    /** Whose answers were which, since it was asked last. */
    asked: () => s3.requests.splice(0).map(({ operation, status }) => `${operation} ${status}`),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('a storage that refuses checksums', () => {
  test.each([1_000, 9 * MIB])(
    'gets %i bytes without any, once it has said so, and they are read back',
    async (sizeBytes) => {
      await using stage = await openStage({ checksums: 'refused' });
      expect((await stage.upload(sizeBytes)).state).toMatchObject({ proof: 'read-back' });
      expect(stage.asked().filter((line) => line.endsWith('501'))).toHaveLength(1);
      expect(stage.app.remote.known.get('checksums')).toBe(false);
      // Conditions were not to blame.
      expect(stage.app.remote.known.get('conditionalWrites')).toBeUndefined();

      expect((await stage.upload(sizeBytes)).state).toMatchObject({ proof: 'read-back' });
      expect(stage.asked().filter((line) => line.endsWith('501'))).toEqual([]);
    },
  );

  test('still refuses bytes that a bit turned over in, because they come with an MD5 sum', async () => {
    await using s3 = await countingServer({ checksums: 'refused' });
    await using line = await openFaultProxy(s3);
    await using dir = await tempDir();
    await using app = openTestEngine(line.access, dir.path, { quietMs: 30, random: () => 0 });
    app.remote.known.set('checksums', false);
    const hit = line.add({ match: 'PutObject', nth: 1, action: { kind: 'flipBit', at: 500 } });
    const path = join(dir.path, 'a.mp3');
    await randomFile(path, 1_000);
    const [job] = await app.engine.uploadNow([path], toBio, signal());
    expect(job).toMatchObject({ state: { kind: 'verified' } });
    expect(hit.hits).toBe(1);
    expect(s3.requests.find(({ operation }) => operation === 'PutObject')?.status).toBe(400);
  });
});

test('a storage that looks at no checksum refuses bytes that a bit turned over in, once the connection was tested', async () => {
  await using s3 = await countingServer({ checksums: 'ignored' });
  await using line = await openFaultProxy(s3);
  await using dir = await tempDir();
  await using app = openTestEngine(line.access, dir.path, { quietMs: 30, random: () => 0 });
  await diagnose(settingsFor(s3), app.remote.known, { userId: 'teacher-7', signal: signal() });
  s3.requests.splice(0);
  const hit = line.add({ match: 'PutObject', nth: 1, action: { kind: 'flipBit', at: 500 } });
  const path = join(dir.path, 'a.mp3');
  await randomFile(path, 1_000);
  const [job] = await app.engine.uploadNow([path], toBio, signal());
  expect(job).toMatchObject({ state: { kind: 'verified', proof: 'read-back' } });
  expect(hit.hits).toBe(1);
  expect(s3.requests.find(({ operation }) => operation === 'PutObject')?.status).toBe(400);
});

test('that a wrong checksum was refused is believed only for its own sake', async () => {
  await using s3 = await countingServer({ checksums: 'ignored' });
  await using line = await openFaultProxy(s3);
  await using dir = await tempDir();
  await using app = openTestEngine(line.access, dir.path, { quietMs: 30, random: () => 0 });
  const { known } = app.remote;
  known.set('checksums', false);
  line.add({ match: 'PutObject', nth: [3, 4, 5], action: { kind: 'dropResponse' } });
  await diagnose(settingsFor(line.access), known, { userId: 'teacher-7', signal: signal() });
  expect(known.get('checksums')).toBe(false);
});

test('a storage that knows no conditions is told of none any more once it has said so', async () => {
  await using stage = await openStage({ conditions: 'refused' });
  for (let i = 0; i < 2; i += 1) await stage.upload(1_000);
  for (let i = 0; i < 2; i += 1) await stage.upload(9 * MIB);
  // One of one request, one of a completion; and each of them first without its checksum.
  expect(stage.asked().filter((line) => line.endsWith('501'))).toHaveLength(4);
  const { known } = stage.app.remote;
  expect([known.get('conditionalWrites'), known.get('conditionalCompletes')]).toEqual([
    false,
    false,
  ]);
  expect(known.get('checksums')).toBeUndefined();
});

/** Tests the connection, and remembers what was found, as the hosts do. */
const findOut = (s3: Counted, known: Known) =>
  diagnose(settingsFor(s3), known, { userId: 'teacher-7', signal: signal() });

describe('before a small recording is written', () => {
  test('its key is looked up while it is not known whether the storage writes over what is there', async () => {
    await using stage = await openStage();
    await stage.upload(1_000);
    expect(stage.asked().slice(0, 2)).toEqual(['HeadObject 404', 'PutObject 200']);
  });

  test.each(['ignored', 'refused'] as const)(
    'its key is looked up where conditions are %s',
    async (conditions) => {
      await using stage = await openStage({ conditions });
      await findOut(stage.s3, stage.app.remote.known);
      stage.asked();
      await stage.upload(1_000);
      expect(stage.asked().slice(0, 2)).toEqual(['HeadObject 404', 'PutObject 200']);
    },
  );

  test('nothing is asked where the storage was found to write over nothing', async () => {
    await using stage = await openStage();
    await findOut(stage.s3, stage.app.remote.known);
    stage.asked();
    await stage.upload(1_000);
    expect(stage.asked()[0]).toBe('PutObject 200');
  });
});

test.each([
  ['as it was found to be', undefined],
  ['that has forgotten its conditions since', 'ignored'],
] as const)(
  'an upload that was cut off unheard is looked for before it is sent again, by a storage %s',
  async (_, conditions) => {
    await using s3 = await countingServer();
    await using line = await openFaultProxy(s3);
    await using dir = await tempDir();
    await using app = openTestEngine(line.access, dir.path, { quietMs: 30, random: () => 0 });
    await findOut(s3, app.remote.known);
    Object.assign(s3.switches, { conditions });
    s3.requests.length = 0;
    // Nobody hears that it was stored, nor anything else for a while.
    line.add({ match: 'PutObject', nth: 1, action: { kind: 'dropResponse' } });
    line.add({ match: 'PutObject', nth: 2, action: { kind: 'resetAfter', bytes: 0 } });
    const path = join(dir.path, 'a.mp3');
    await randomFile(path, 1_000);
    const [job] = await app.engine.uploadNow([path], toBio, signal());
    expect(job).toMatchObject({ state: { kind: 'verified' } });
    expect(s3.count('PutObject')).toBe(1);
    expect(line.log.map(({ operation }) => operation).slice(0, 3)).toEqual([
      'PutObject',
      'PutObject',
      'HeadObject',
    ]);
  },
);

test('what was found out is remembered with its time, for its endpoint and its bucket alone', async () => {
  await using dir = await tempDir();
  await using s3 = await countingServer();
  const file = join(dir.path, 'ledger.db');
  let nowMs = 1_000;
  const known = (endpoint = s3.endpoint, { bucket } = s3 as { bucket: string }) =>
    knownStorage({ endpoint, bucket, region: 'us-east-1' }, database, () => nowMs);
  let database = openDatabase(file);
  await findOut(s3, known());
  database.close();
  database = openDatabase(file);
  expect(known().get('conditionalWrites')).toBe(true);
  expect(known().whenMs('conditionalWrites')).toBe(1_000);
  expect(known('http://127.0.0.1:9').get('conditionalWrites')).toBeUndefined();
  expect(known(s3.endpoint, { bucket: 'other' }).get('conditionalWrites')).toBeUndefined();

  // Asked again, it is what it is now.
  Object.assign(s3.switches, { conditions: 'ignored' });
  nowMs = 2_000;
  await findOut(s3, known());
  expect(known().get('conditionalWrites')).toBe(false);
  expect(known().whenMs('conditionalWrites')).toBe(2_000);
  database.close();
});

test.each([
  [{ checksums: 'ignored' }, { checksums: false, fullObjectChecksum: false, objectSize: false }],
  [{ checksums: 'refused' }, { checksums: false, fullObjectChecksum: false, objectSize: false }],
  [{ conditions: 'ignored' }, { conditionalWrites: false, conditionalCompletes: false }],
  [{ conditions: 'refused' }, { conditionalWrites: false, conditionalCompletes: false }],
  [{ etags: 'random' }, { md5Etags: false }],
  [{ missing: ['ListParts'] }, { listParts: false }],
] as const)(
  'of a storage with %o is found out %o, and nothing is left in it',
  async (how, found) => {
    await using stage = await openStage(how);
    const { known } = stage.app.remote;
    await findOut(stage.s3, known);
    const everything = {
      checksums: true,
      fullObjectChecksum: true,
      conditionalWrites: true,
      conditionalCompletes: true,
      objectSize: true,
      listParts: true,
      md5Etags: true,
      versioning: true,
      pathStyle: true,
      ...found,
    };
    const names = Object.keys(everything) as (keyof typeof everything)[];
    expect(Object.fromEntries(names.map((name) => [name, known.get(name)]))).toEqual(everything);
    expect((await stage.app.remote.list('', 10, undefined, signal())).objects).toEqual([]);
    expect((await stage.app.remote.listUploads('', 10, signal())).uploads).toEqual([]);
  },
);
