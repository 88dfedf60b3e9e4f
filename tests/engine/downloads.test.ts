import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { createDownloads } from '../../electron/engine/library/downloads.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import type { DownloadView } from '../../shared/api/stored.ts';
import { openRemote } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const PIECES = 200;
const body = randomBytes(PIECES * 1_000);

const notNoted = new Error('The ledger is being written by another program');

/** A hundred milliseconds pass with every `tellEvery` pieces. */
async function open(tellEvery = 1) {
  const s3 = await openServer('embedded');
  const real = openRemote(s3);
  const dir = await tempDir();
  const signal = AbortSignal.timeout(30_000);
  const about = { contentType: 'audio/mpeg', metadata: {} };
  for (const key of ['a/k.mp3', 'b/k.mp3'])
    await real.putObject(key, body, crc32(body), about, signal);
  const told: DownloadView[] = [];
  const revealed: string[] = [];
  let ms = 0;
  /** Each piece waits for this. */
  let gate = Promise.resolve();
  let breaks = false;
  const remote: Remote = {
    ...real,
    async read(_key, startByte, _etag, stop) {
      const pieces = async function* () {
        for (let at = startByte; at < body.length; at += 1_000) {
          await gate;
          stop.throwIfAborted();
          if (breaks) throw new AppError('offline', 'broke off');
          ms += 100 / tellEvery;
          yield body.subarray(at, at + 1_000);
        }
      };
      await Promise.resolve();
      return Readable.from(pieces());
    },
  };
  const downloads = createDownloads({
    remote: () => remote,
    assertKnown: () => {},
    desktop: {
      chooseSavePath: (name, isTaken) => {
        const path = join(dir.path, name);
        return Promise.resolve(isTaken(path) ? join(dir.path, `2 ${name}`) : path);
      },
      revealFile: (path) => void revealed.push(path),
    },
    // Each is saved all the same.
    beforeSaved: () => Promise.reject(notNoted),
    emit: (event) => {
      if (event.type === 'download') told.push(event.download);
    },
    monotonicMs: () => ms,
    onUnexpected: (error) => {
      if (error !== notNoted) throw error;
    },
    signal,
  });
  return {
    downloads,
    told,
    revealed,
    folder: dir.path,
    hold() {
      const held = Promise.withResolvers<void>();
      gate = held.promise;
      return held.resolve;
    },
    breakOff: () => (breaks = true),
    states: async () => (await downloads.listDownloads({})).map(({ state }) => state),
    [Symbol.asyncDispose]: async () => {
      real.close();
      await dir[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

test('a download tells how far it is, ten times a second at most, and is whole at its end', async () => {
  const TELL_EVERY = 20;
  await using on = await open(TELL_EVERY);
  const { download } = await on.downloads.startDownload({ key: 'a/k.mp3' });
  await expect.poll(on.states).toEqual(['done']);
  const bytes = on.told.map(({ doneBytes }) => doneBytes);
  expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
  expect(bytes.at(-1)).toBe(body.length);
  // Its begin, its last byte and its end are always told.
  expect(on.told.length).toBeGreaterThan(5);
  expect(on.told.length).toBeLessThanOrEqual(PIECES / TELL_EVERY + 4);
  expect((await readFile(download!.path)).equals(body)).toBe(true);
  await on.downloads.revealDownload({ id: download!.id });
  expect(on.revealed).toEqual([download!.path]);
  await on.downloads.clearDownloads({});
  expect(await on.states()).toEqual([]);
});

test('a cancelled download leaves nothing behind, and nothing in the list', async () => {
  await using on = await open();
  const release = on.hold();
  const { download } = await on.downloads.startDownload({ key: 'a/k.mp3' });
  await expect.poll(() => readdir(on.folder)).toEqual([expect.stringMatching(/\.part$/)]);
  await on.downloads.cancelDownload({ id: download!.id });
  release();
  await expect.poll(on.states).toEqual([]);
  expect(on.told.at(-1)?.state).toBe('cancelled');
  expect(await readdir(on.folder)).toEqual([]);
});

test('a failed download leaves nothing under the final name, and says why', async () => {
  await using on = await open();
  on.breakOff();
  await on.downloads.startDownload({ key: 'a/k.mp3' });
  await expect.poll(on.states).toEqual(['failed']);
  expect(on.told.at(-1)?.trouble?.code).toBe('offline');
  expect(await readdir(on.folder)).toEqual([expect.stringMatching(/\.part$/)]);
});

test('two recordings of one name that are on their way together do not meet in one file', async () => {
  await using on = await open();
  const release = on.hold();
  const started = [
    await on.downloads.startDownload({ key: 'a/k.mp3' }),
    await on.downloads.startDownload({ key: 'b/k.mp3' }),
  ];
  release();
  await expect.poll(on.states).toEqual(['done', 'done']);
  const paths = started.map(({ download }) => download!.path);
  expect(new Set(paths).size).toBe(2);
  for (const path of paths) expect((await readFile(path)).equals(body)).toBe(true);
});

test('a file that came into being while the download ran is not written over', async () => {
  await using on = await open();
  const release = on.hold();
  const { download } = await on.downloads.startDownload({ key: 'a/k.mp3' });
  await expect.poll(() => readdir(on.folder)).toHaveLength(1);
  await writeFile(download!.path, 'mine');
  release();
  await expect.poll(on.states).toEqual(['failed']);
  expect(on.told.at(-1)?.trouble?.code).toBe('download-exists');
  expect(await readFile(download!.path, 'utf8')).toBe('mine');
});
