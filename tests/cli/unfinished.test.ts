import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import { openCli, type Cli } from '../support/cli.ts';
import {
  bioClass,
  hang,
  openRemote,
  openTestEngine,
  randomFile,
  unfinishedUploads,
} from '../support/engine.ts';
import { openServer, type S3Access } from '../support/s3-servers.ts';

/** Leaves a large recording of the watched folder half-way in the bucket. */
async function halfWay(s3: S3Access, cli: Cli): Promise<void> {
  await randomFile(join(cli.folder, 'a.mp4'), 20 * MIB);
  await using app = openTestEngine(s3, dirname(cli.folder), {
    quietMs: 30,
    wrap: (remote) => ({
      ...remote,
      putPart: (...args) => (args[2] === 3 ? hang(args[5]) : remote.putPart(...args)),
    }),
  });
  await app.engine.addFolder(cli.folder, bioClass);
  app.engine.start();
  const sent = () =>
    app.engine.jobs
      .list('uploading', 1)
      .map(({ state }) => 'sentBytes' in state && state.sentBytes);
  await expect.poll(sent).toEqual([16 * MIB]);
}

test('unfinished tells ours from others’, and --abort ends only what no recording needs', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3);
  expect((await cli.run('unfinished')).stdout).toBe('No unfinished upload of this computer.\n');
  await halfWay(s3, cli);
  using remote = openRemote(s3);
  const headers = { contentType: 'video/mp4', metadata: {} };
  await remote.createUpload('audio/bio-101/theirs.mp4', headers, AbortSignal.timeout(50_000));

  const goingOn = await cli.run('unfinished', '--abort', '--json');
  expect(goingOn.json()).toEqual({
    ended: 0,
    uploads: [
      {
        key: expect.stringMatching(/^audio\/bio-101\//) as string,
        uploadId: expect.any(String) as string,
        ours: true,
        needed: true,
        startedAt: expect.stringMatching(/Z$/) as string,
        bytes: 16 * MIB,
        elsewhere: null,
      },
      expect.objectContaining({ key: 'audio/bio-101/theirs.mp4', ours: false, bytes: null }),
    ],
  });
  const [{ key }] = goingOn.json().uploads;

  // A new class for the folder gives the recording a new key: the old upload is of no use to anybody.
  await cli.run('folders', 'add', cli.folder, '--class', 'chem-7', '--user', 'teacher-7');
  const owed = await cli.run('unfinished');
  expect(owed.stdout).toContain('1 unfinished upload of this computer, 16');
  expect(owed.stdout).toContain('is ended by itself, or now with --abort');
  expect(owed.stdout).toContain(
    '1 unfinished upload of others, never touched: --others names them.',
  );
  const ended = await cli.run('unfinished', '--abort');
  expect([ended.code, ended.stdout]).toEqual([
    0,
    '1 unfinished upload ended.\nNo unfinished upload of this computer.\n1 unfinished upload of others, never touched: --others names them.\n',
  ]);
  expect(await unfinishedUploads(s3)).toEqual(['audio/bio-101/theirs.mp4']);
  expect(key).not.toBe('audio/bio-101/theirs.mp4');
});

test('unfinished --others names them, the oldest first, with what they hold and who began them, and ends none', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3);
  using remote = openRemote(s3);
  const headers = { contentType: 'video/mp4', metadata: {} };
  const signal = AbortSignal.timeout(50_000);
  const begin = (key: string) => remote.createUpload(key, headers, signal);
  const id = await begin('z/first.mp4');
  const body = Buffer.alloc(5 * MIB, 1);
  await remote.putPart('z/first.mp4', id, 1, body, crc32(body), signal);
  await begin('a/second.mp4');
  const plain = await cli.run('unfinished', '--json');
  expect(plain.json().uploads).toMatchObject([{ bytes: null }, { bytes: null }]);
  const named = await cli.run('unfinished', '--others', '--abort', '--json');
  expect([named.code, named.json().uploads]).toMatchObject([
    0,
    [
      { key: 'a/second.mp4', ours: false, bytes: 0, initiator: 'owner' },
      { key: 'z/first.mp4', ours: false, bytes: 5 * MIB, initiator: 'owner' },
    ],
  ]);
  expect((await cli.run('unfinished', '--others')).stdout).toMatch(
    /^No unfinished.*\n2 unfinished uploads of others, never touched:\n.* 5\.2 MB  z\/first\.mp4  by owner\n.* 0 bytes  a\/second\.mp4  by owner\nA rule/,
  );
  expect((await unfinishedUploads(s3)).toSorted()).toEqual(['a/second.mp4', 'z/first.mp4']);
});

test('a storage that cannot be reached is told as that', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli({ ...s3, endpoint: 'http://127.0.0.1:9' });
  expect((await cli.run('unfinished', '--json')).json()).toMatchObject({
    error: { code: 'offline' },
  });
});
