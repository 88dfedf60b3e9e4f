/** @file A ledger, or a whole home, of before comes back: what went up since is not sent again, and nothing goes to a class of before. */
import { copyFile, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  bioClass,
  countingServer,
  keysOf,
  openRemote,
  randomFile,
  type Counted,
} from '../support/engine.ts';
import { start } from '../support/started-home.ts';
import { tempDir } from '../support/temp-dir.ts';

const SIZES = [40_000, 70_000];
const soon = () => AbortSignal.timeout(60_000);

/** Recordings that went up and were verified; the app is closed. */
async function uploaded(access: Counted, dir: string) {
  const homePath = join(dir, 'home');
  const folder = join(dir, 'Recordings');
  for (const [n, size] of SIZES.entries()) await randomFile(join(folder, `${n}.mp4`), size);
  await using first = start(access, homePath);
  await first.engine.addFolder(folder, bioClass);
  await first.engine.syncOnce(soon());
  return { homePath, folder, ledger: join(homePath, 'ledger.db') };
}

test('what waits in a ledger of before, and what was on its way, goes by the rule that its folder has got since', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const { homePath, folder, ledger } = await uploaded(s3, dir.path);
  for (const n of [7, 8]) await randomFile(join(folder, `${n}.mp4`), 30_000 + n);
  {
    await using yesterday = start(s3, homePath);
    yesterday.engine.queue.setPaused(true);
    yesterday.engine.start();
    const waiting = () => yesterday.states().filter((kind) => kind === 'queued').length;
    await expect.poll(waiting).toBe(2);
    yesterday.engine.jobs.claim('small', Date.now(), 1);
  }
  await copyFile(ledger, join(dir.path, 'yesterday.db'));
  {
    await using today = start(s3, homePath);
    await today.engine.addFolder(folder, { ...bioClass, classId: 'chem-7' });
  }
  await copyFile(join(dir.path, 'yesterday.db'), ledger);
  await using again = start(s3, homePath);
  await again.engine.syncOnce(soon());
  const classes = (await keysOf(again.remote)).map((key) => key.split('/')[1]);
  expect(classes).toEqual([...SIZES.map(() => 'bio-101'), 'chem-7', 'chem-7']);
}, 120_000);

test('a whole home that comes back from a back-up takes over what went up since', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const { homePath, folder } = await uploaded(s3, dir.path);
  await cp(homePath, join(dir.path, 'backup'), { recursive: true });
  for (const n of [7, 8]) await randomFile(join(folder, `${n}.mp4`), 30_000 + n);
  {
    await using today = start(s3, homePath);
    await today.engine.syncOnce(soon());
  }
  const before = await keysOf(openRemote(s3));
  expect(before).toHaveLength(SIZES.length + 2);
  await rm(homePath, { recursive: true });
  await cp(join(dir.path, 'backup'), homePath, { recursive: true });
  await using again = start(s3, homePath);
  await again.engine.syncOnce(soon());
  expect(await keysOf(again.remote)).toEqual(before);
  expect(again.states()).toEqual(before.map(() => 'verified'));
  // It is the computer's own: nobody has to be told.
  expect(again.told()).toBeUndefined();
}, 120_000);
