import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { downloadObject, type Download } from '../../electron/engine/library/download.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import { openRemote } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
const sha256 = createHash('sha256').update(body).digest('hex');

/** An object, and a folder to save it in. */
async function open(metadata: Record<string, string> = { sha256 }) {
  const s3 = await openServer('embedded');
  const remote = openRemote(s3);
  const dir = await tempDir();
  const signal = AbortSignal.timeout(50_000);
  await remote.putObject('k', body, crc32(body), { contentType: 'a/b', metadata }, signal);
  const info = (await remote.head('k', signal))!;
  const target = join(dir.path, 'a.mp3');
  const starts: number[] = [];
  const counted: Remote = {
    ...remote,
    read: (key, startByte, etag, stop) => {
      starts.push(startByte);
      return remote.read(key, startByte, etag, stop);
    },
  };
  return {
    dir: dir.path,
    info,
    remote,
    target,
    /** Where each read began. */
    starts,
    partial: `${target}.${info.etag.slice(0, 16)}.part`,
    download: (more: Partial<Download> = {}) =>
      downloadObject({ remote: counted, info, target, overwrite: false, signal, ...more }),
    [Symbol.asyncDispose]: async () => {
      remote.close();
      await dir[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

test('a download is checked against what was uploaded before it is put in place', async () => {
  await using on = await open();
  expect(await on.download()).toEqual({ sizeBytes: body.length, verified: true });
  expect((await readFile(on.target)).equals(body)).toBe(true);
  expect(await readdir(on.dir)).toEqual(['a.mp3']);
});

test('an object of somebody else is compared with the checksum that the storage keeps, if there is one', async () => {
  await using on = await open({});
  expect(await on.download()).toEqual({ sizeBytes: body.length, verified: true });
  const unchecked = { ...on.info, crc32: undefined };
  const target = join(on.dir, 'b.mp3');
  const without = await on.download({ info: unchecked, target });
  expect(without).toEqual({ sizeBytes: body.length, verified: false });
});

test.each([
  ['in capitals', sha256.toUpperCase(), true],
  ['in another form', Buffer.from(sha256, 'hex').toString('base64'), false],
  ['that is none', 'not known', false],
])(
  'a SHA-256 that somebody else has noted %s keeps nobody from the recording',
  async (_, noted, isProof) => {
    await using on = await open({ sha256: noted });
    const info = { ...on.info, crc32: undefined };
    expect(await on.download({ info })).toEqual({ sizeBytes: body.length, verified: isProof });
    expect((await readFile(on.target)).equals(body)).toBe(true);
  },
);

const md5 = (of: Buffer) => ({ md5chksum: createHash('md5').update(of).digest('base64') });

test('an object that rclone has sent is compared with the MD5 that it noted', async () => {
  await using on = await open(md5(body));
  const info = { ...on.info, crc32: undefined };
  expect(await on.download({ info })).toEqual({ sizeBytes: body.length, verified: true });
  await using other = await open(md5(Buffer.from('something else')));
  const without = { ...other.info, crc32: undefined };
  await expect(other.download({ info: without })).rejects.toEqual(code('damaged-download'));
  expect(await readdir(other.dir)).toEqual([]);
  await using odd = await open({ md5chksum: 'not known' });
  const unknown = { ...odd.info, crc32: undefined };
  expect(await odd.download({ info: unknown })).toMatchObject({ verified: false });
});

test('bytes that have another checksum than the storage keeps are not put in place', async () => {
  await using on = await open({});
  const info = { ...on.info, crc32: crc32('something else') };
  await expect(on.download({ info })).rejects.toEqual(code('damaged-download'));
  expect(await readdir(on.dir)).toEqual([]);
});

test('a file that is there is never written over, unless that is asked for', async () => {
  await using on = await open();
  await writeFile(on.target, 'mine');
  await expect(on.download()).rejects.toEqual(code('download-exists'));
  expect([await readFile(on.target, 'utf8'), on.starts]).toEqual(['mine', []]);
  await on.download({ overwrite: true });
  expect((await readFile(on.target)).equals(body)).toBe(true);
});

test('who is told before it is saved meets the whole file, under the name of no recording', async () => {
  await using on = await open();
  const met: unknown[] = [];
  const beforeSaved = async (partial: string, target: string) => {
    met.push((await readFile(partial)).equals(body), target, await readdir(on.dir));
  };
  await on.download({ beforeSaved });
  expect(met).toEqual([true, on.target, [basename(on.partial)]]);
});

test('a file that comes into being during the download is not written over either', async () => {
  await using on = await open();
  const remote: Remote = {
    ...on.remote,
    async read(...args) {
      await writeFile(on.target, 'mine');
      return on.remote.read(...args);
    },
  };
  let isNoted = false;
  const beforeSaved = async () => void (isNoted = true);
  await expect(on.download({ remote, beforeSaved })).rejects.toEqual(code('download-exists'));
  expect([await readFile(on.target, 'utf8'), isNoted]).toEqual(['mine', false]);
});

test('what is written meanwhile to a file that is to be replaced is not written over', async () => {
  await using on = await open();
  await writeFile(on.target, 'mine');
  const beforeSaved = () => writeFile(on.target, 'a new recording');
  await expect(on.download({ overwrite: true, beforeSaved })).rejects.toEqual(
    code('download-exists'),
  );
  expect(await readFile(on.target, 'utf8')).toBe('a new recording');
  // What has arrived is there for who agrees to that.
  await on.download({ overwrite: true });
  expect((await readFile(on.target)).equals(body)).toBe(true);
  expect(on.starts).toEqual([0]);
});

test('a broken download goes on at its last byte, in the same run and in the next', async () => {
  await using on = await open();
  const lengths = [1_000, 5_000];
  const starts: number[] = [];
  const breaking: Remote = {
    ...on.remote,
    read(_key, startByte) {
      starts.push(startByte);
      const length = lengths.shift() ?? 0;
      const pieces = async function* () {
        yield body.subarray(startByte, startByte + length);
        throw new AppError('offline', 'broke off');
      };
      return Promise.resolve(Readable.from(pieces()));
    },
  };
  await expect(on.download({ remote: breaking })).rejects.toEqual(code('offline'));
  expect(starts).toEqual([0, 1_000, 6_000]);
  expect(await on.download()).toEqual({ sizeBytes: body.length, verified: true });
  expect(on.starts).toEqual([6_000]);
  expect((await readFile(on.target)).equals(body)).toBe(true);
});

test('a damaged download is put nowhere; the next one begins anew and is whole', async () => {
  await using on = await open();
  for (const spoilt of [Buffer.alloc(100_000, 1), Buffer.alloc(body.length + 1, 1)]) {
    await writeFile(on.partial, spoilt);
    await expect(on.download()).rejects.toEqual(code('damaged-download'));
    expect(await readdir(on.dir)).toEqual([]);
  }
  on.starts.length = 0;
  expect(await on.download()).toMatchObject({ verified: true });
  expect(on.starts).toEqual([0]);
});

test('what is left of another version is not gone on with', async () => {
  await using on = await open();
  await on.download();
  await rm(on.target);
  await writeFile(`${on.target}.0123456789abcdef.part`, 'the beginning of another version');
  expect(await on.download()).toMatchObject({ verified: true });
  expect((await readFile(on.target)).equals(body)).toBe(true);
});

test('a folder that cannot be written to is named, and the storage is not blamed', async () => {
  await using on = await open();
  await rm(on.dir, { recursive: true });
  await expect(on.download()).rejects.toEqual(code('cannot-write'));
});

test('an object that was replaced since it was looked at is not mixed with the new one', async () => {
  await using on = await open();
  const signal = AbortSignal.timeout(50_000);
  await on.remote.deleteObject('k', signal);
  const other = Buffer.alloc(body.length, 9);
  await on.remote.putObject('k', other, crc32(other), { contentType: 'a/b', metadata: {} }, signal);
  await expect(on.download()).rejects.toEqual(code('no-object'));
});
