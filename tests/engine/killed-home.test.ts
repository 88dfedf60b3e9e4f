import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockHome, openHome } from '../../electron/engine/home/home.ts';
import { readRecovery } from '../../electron/engine/home/recovery-record.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { meanwhile } from '../../electron/engine/test-hooks.ts';
import { bioClass } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Another process at work in a home, with a watched folder, until it is killed. */
async function engineIn(path: string): Promise<() => Promise<void>> {
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-lock.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return async () => {
    holder.kill('SIGKILL');
    await once(holder, 'exit');
  };
}

/** What the next engine has in the ledger, and says of it: `new` of one that it knows no harm of. */
function foundIn(path: string): Readonly<{ reason: string | undefined; folders: string[] }> {
  const home = lockHome({ path });
  const reason = readRecovery(home.database)?.reason;
  const folders = folderStore(home.database, Date.now).list();
  home.close();
  return { reason, folders: folders.map((folder) => folder.path) };
}

const unharmed = { reason: 'new', folders: ['/recordings'] };

test('a ledger whose engine was killed is not called an older one for being read since', async () => {
  await using dir = await tempDir();
  const kill = await engineIn(dir.path);
  await kill();
  openHome({ path: dir.path }).close();
  expect(existsSync(join(dir.path, 'ledger.db-wal'))).toBe(false);
  expect(foundIn(dir.path)).toEqual(unharmed);
});

test('nor for being read by somebody who had opened it before the kill', async () => {
  await using dir = await tempDir();
  const kill = await engineIn(dir.path);
  const reader = openHome({ path: dir.path });
  await kill();
  reader.close();
  expect(existsSync(join(dir.path, 'ledger.db-wal'))).toBe(false);
  expect(foundIn(dir.path)).toEqual(unharmed);
});

test('who reads after a kill does not open the ledger as an engine does, for which the app would have to wait', async () => {
  await using dir = await tempDir();
  const kill = await engineIn(dir.path);
  await kill();
  const passed: string[] = [];
  meanwhile((point) => passed.push(point));
  onTestFinished(() => meanwhile(undefined));
  openHome({ path: dir.path }).close();
  // The engine passes some where it opens its home, and where it closes it.
  expect(passed).toEqual([]);
  lockHome({ path: dir.path }).close();
  expect(passed).not.toEqual([]);
});

test('what was added right before a kill is not taken for damage after somebody has read', async () => {
  await using dir = await tempDir();
  const kill = await engineIn(dir.path);
  // The copy beside the ledger does not know of it yet.
  const adds = openHome({ path: dir.path });
  folderStore(adds.database, Date.now).put('/more', bioClass);
  await kill();
  adds.close();
  openHome({ path: dir.path }).close();
  expect(foundIn(dir.path)).toEqual({ reason: 'new', folders: ['/recordings', '/more'] });
});

test('a log that is really missing is missed by whoever opens the ledger first, also to read', async () => {
  await using dir = await tempDir();
  const kill = await engineIn(dir.path);
  await kill();
  await rm(join(dir.path, 'ledger.db-wal'));
  const reader = openHome({ path: dir.path });
  expect(readRecovery(reader.database)?.reason).toBe('older');
  // As a verb does that asks for the school's policy before it locks the home.
  expect(foundIn(dir.path).reason).toBe('older');
  reader.close();
});

test('a kill at the very end of a home, right before its log is taken away, leaves a ledger that needs none', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'home');
  const killed = join(dir.path, 'killed');
  const home = lockHome({ path });
  folderStore(home.database, Date.now).put('/recordings', bioClass);
  meanwhile((point) => {
    if (point === 'holder-removed') cpSync(path, killed, { recursive: true });
  });
  home.close();
  meanwhile(undefined);
  await rm(join(killed, 'ledger.db-wal'));
  expect(foundIn(killed)).toEqual(unharmed);
});
