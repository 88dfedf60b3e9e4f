/** @file A ledger with more rows than each start can look at. */
import DatabaseConstructor from 'better-sqlite3';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { readRecovery } from '../../electron/engine/home/recovery-record.ts';
import { createRowCheck } from '../../electron/engine/home/row-check.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { queuedJob } from '../support/jobs.ts';
import { tempDir } from '../support/temp-dir.ts';

const JOBS = 10;

/** The first row cannot be read; by the number of the last one there are very many. */
async function damagedHome(dir: string): Promise<string> {
  const path = join(dir, 'home');
  const home = lockHome({ path });
  const jobs = jobStore(home.database, Date.now);
  for (let n = 0; n < JOBS; n += 1) jobs.enqueue(queuedJob(n));
  home.close();
  const db = new DatabaseConstructor(join(path, 'ledger.db'));
  db.exec(`UPDATE jobs SET id = 150000 WHERE id = ${JOBS};
    UPDATE jobs SET state = json_set(state, '$.attempts', 'many') WHERE id = 1`);
  db.close();
  return path;
}

/** With the row, too, that nobody could read: the rest of it is enough to begin anew. */
function expectRebuilt(path: string): void {
  const home = lockHome({ path });
  const record = readRecovery(home.database);
  expect(record).toMatchObject({ reason: 'damaged', jobs: JOBS, isListed: false });
  home.close();
  const next = lockHome({ path });
  expect(readRecovery(next.database)).toEqual(record);
  next.close();
}

test('a row that cannot be read keeps no other from being begun, and the next start makes the ledger anew', async () => {
  await using dir = await tempDir();
  const path = await damagedHome(dir.path);
  const home = lockHome({ path });
  expect(readRecovery(home.database)).toMatchObject({ reason: 'new' });
  const jobs = jobStore(home.database, Date.now);
  const claimed = [4, JOBS].flatMap((most) => jobs.claim('small', Date.now(), most));
  expect(claimed.map(({ name }) => name)).toEqual(
    Array.from({ length: JOBS - 1 }, (_, n) => `${n + 1}.mp3`),
  );
  expect([jobs.hasRunnable('small', Date.now()), jobs.nextStartMs()]).toEqual([false, undefined]);
  home.close();
  expectRebuilt(path);
});

test('an older one that comes back with such a row is made anew, too', async () => {
  await using dir = await tempDir();
  const path = await damagedHome(dir.path);
  const [ledger, older] = [join(path, 'ledger.db'), join(dir.path, 'older.db')];
  await copyFile(ledger, older);
  const newer = lockHome({ path });
  expect(readRecovery(newer.database)).toMatchObject({ reason: 'new' });
  newer.close();
  await copyFile(older, ledger);
  expectRebuilt(path);
});

test('all rows are looked at while the engine works', async () => {
  await using dir = await tempDir();
  const path = await damagedHome(dir.path);
  const home = lockHome({ path });
  const said: string[] = [];
  const check = createRowCheck(home.database, (level) => said.push(level));
  check.start();
  await expect.poll(() => said).toEqual(['error']);
  check.stop();
  home.close();
  expectRebuilt(path);
});
