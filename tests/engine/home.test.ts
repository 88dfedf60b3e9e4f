import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultHome, lockHome, openHome } from '../../electron/engine/home/home.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { tempDir } from '../support/temp-dir.ts';

const locked = (message: RegExp) =>
  expect.objectContaining({ code: 'home-locked', message: expect.stringMatching(message) });

test('one engine at a time works in a home, and the second is told whose it is', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'new', 'home');
  const first = lockHome({ path });
  expect(() => lockHome({ path })).toThrow(locked(new RegExp(`process ${process.pid}$`)));
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  first.close();
  lockHome({ path }).close();
  expect(existsSync(join(path, 'lock.txt'))).toBe(false);
});

test('an engine that was killed blocks nobody', async () => {
  await using dir = await tempDir();
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-lock.ts'), dir.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(holder.stdout, 'data');
    expect(() => lockHome({ path: dir.path })).toThrow(
      locked(new RegExp(`process ${holder.pid}$`)),
    );
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockHome({ path: dir.path }).close();
  } finally {
    holder.kill('SIGKILL');
  }
});

test('the ledger is read, and a line is written, beside a running engine', async () => {
  await using dir = await tempDir();
  const engine = lockHome({ path: dir.path });
  const beside = openHome({ path: dir.path });
  const rule = { kind: 'uploads', userId: 'u', include: [], exclude: [] } as const;
  folderStore(beside.database, () => 7).put('/r', { ...rule, include: [], exclude: [] });
  expect(folderStore(engine.database, Date.now).list()).toEqual([
    { id: 1, path: '/r', rule, addedAtMs: 7 },
  ]);
  beside.close();
  expect(() => lockHome({ path: dir.path })).toThrow(locked(/process/));
  engine.close();
});

test('a place that cannot be a home is said to be none', async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, 'file'), '');
  await mkdir(join(dir.path, 'home', 'ledger.db'), { recursive: true });
  await chmod(join(dir.path, 'file'), 0o600);
  // In /proc nobody makes folders; Node's own way tries for ever there.
  const nowhere = process.platform === 'linux' ? ['/proc/none', '/proc/none/home'] : [];
  for (const path of [join(dir.path, 'file', 'home'), join(dir.path, 'home'), ...nowhere])
    expect(() => lockHome({ path })).toThrow(expect.objectContaining({ code: 'home-unusable' }));
});

test.each(['lock.db', 'lock.txt'])(
  'a home whose %s cannot be written is said to be none, and can be locked once it can',
  async (name) => {
    await using dir = await tempDir();
    const inTheWay = join(dir.path, name);
    await mkdir(inTheWay);
    expect(() => lockHome({ path: dir.path })).toThrow(
      expect.objectContaining({ code: 'home-unusable' }),
    );
    await rmdir(inTheWay);
    lockHome({ path: dir.path }).close();
  },
);

test('each operating system keeps the home where it keeps such things', () => {
  expect(defaultHome({ XDG_CONFIG_HOME: '/x' }, 'linux')).toBe(join('/x', 'pansea-sync'));
  expect(defaultHome({ XDG_CONFIG_HOME: '' }, 'linux')).toMatch(/[/\\]\.config[/\\]pansea-sync$/);
  expect(defaultHome({ APPDATA: '/a' }, 'win32')).toBe(join('/a', 'pansea-sync'));
  expect(defaultHome({}, 'darwin')).toMatch(/Application Support[/\\]pansea-sync$/);
});
