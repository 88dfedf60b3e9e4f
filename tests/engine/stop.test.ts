import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import {
  bioClass,
  hang,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
  toBio,
} from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

test('an upload that is called off while its file settles queues nothing, then or later', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await randomFile(path, 1_000);
  await using app = openTestEngine(s3, dir.path, { quietMs: 100 });
  const stop = new AbortController();
  const upload = app.engine.uploadNow([path], toBio, stop.signal);
  await expect.poll(() => app.heard.map(({ type }) => type)).toEqual(['settling']);
  stop.abort(new Error('Ctrl-C'));
  await expect(upload).rejects.toThrow('Ctrl-C');
  // Another file settles later than the first would have: by then the first would be queued.
  const later = join(dir.path, 'b.mp3');
  await writeFile(later, 'sound');
  await app.engine.uploadNow([later], toBio, AbortSignal.timeout(50_000));
  expect(app.engine.jobs.list(undefined, -1).map(({ name }) => name)).toEqual(['b.mp3']);
  await expect(app.engine.uploadNow([path], toBio, AbortSignal.abort())).rejects.toThrow(/abort/);
});

test('a sync that is called off ends at once, and its files go with the next', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const bytes = await randomFile(join(folder.path, 'a.mp4'), 12 * MIB);
  const stop = new AbortController();
  {
    await using app = openTestEngine(s3, dir.path, {
      quietMs: 50,
      wrap: (remote) => ({
        ...remote,
        putPart(...args) {
          stop.abort(new Error('Ctrl-C'));
          return hang(args[5]);
        },
      }),
    });
    await app.engine.addFolder(folder.path, bioClass);
    await expect(app.engine.syncOnce(stop.signal)).rejects.toThrow('Ctrl-C');
    expect(await keysOf(app.remote)).toEqual([]);
  }
  await using app = openTestEngine(s3, dir.path, { quietMs: 50 });
  expect(await app.engine.syncOnce(AbortSignal.timeout(50_000))).toMatchObject({ verified: 1 });
  const [key] = await keysOf(app.remote);
  expect((await objectBytes(app.remote, key!)).equals(bytes)).toBe(true);
});

test('a disk that is full in the middle of an upload stops nothing for good: with space again the file is verified, once', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  for (let n = 0; n < 3; n++) await randomFile(join(folder.path, `${n}.mp3`), 2_000);
  let isFull = false;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 50,
    wrap: (remote) => ({
      ...remote,
      async putObject(...args) {
        const told = await remote.putObject(...args);
        // SQLite refuses every write from now on, as it does on a full disk.
        if (!isFull) app.home.database.pragma('query_only = ON');
        isFull = true;
        return told;
      },
    }),
  });
  await app.engine.addFolder(folder.path, bioClass);
  const sync = app.engine.syncOnce(AbortSignal.timeout(50_000));
  await expect(sync).rejects.toMatchObject({ code: 'home-unusable' });
  app.home.database.pragma('query_only = OFF');
  const kinds = () => app.engine.jobs.list(undefined, -1).map(({ state }) => state.kind);
  await expect.poll(kinds).toEqual(['verified', 'verified', 'verified']);
  expect(await keysOf(app.remote)).toHaveLength(3);
});
