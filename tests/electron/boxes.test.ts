/** @file What no window can say any more, or yet: one box says what happened, and how to go on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, expect, test } from 'vitest';
import { storageEnv } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { end, needElectron, openPlace, root, runtime } from './app.ts';

beforeEach(needElectron);

/** Loaded before the app: says on stdout what the box would say, as one who reads and closes it. */
const reader = `
  const { dialog } = require('electron');
  dialog.showErrorBox = (title, content) => console.log(JSON.stringify({ title, content }));
`;

/** Starts the app that is in `app` and waits until it has ended by itself, with a failure. @returns What its box said. */
async function boxOf(
  { path, env }: Readonly<{ path: string; env: Record<string, string> }>,
  app = root,
): Promise<{ title: string; content: string }> {
  const stub = join(path, 'reader.cjs');
  await writeFile(stub, reader);
  const child = spawn(runtime.executable, ['--no-sandbox', '--disable-gpu', '-r', stub, app], {
    cwd: path,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const ended = once(child, 'exit');
    const lines = (await text(child.stdout)).trim().split('\n');
    expect(await ended).toEqual([1, null]);
    expect(lines).toHaveLength(1);
    return JSON.parse(lines[0]!) as { title: string; content: string };
  } finally {
    await end(child, 'SIGKILL');
  }
}

test.each([
  ['a setting of a wrong kind', 'file', 'PANSEA_SETTLE_SECONDS must be a number of seconds'],
  ['a .env that cannot be read', 'folder', '.env: Error: EISDIR'],
])('%s is named in a box, and the app ends without touching the library', async (_, kind, told) => {
  await using s3 = await openServer('embedded');
  await using place = await openPlace();
  const { PANSEA_SETTLE_SECONDS: __, ...env } = place.env;
  const file = join(place.path, '.env');
  if (kind === 'folder') await mkdir(file);
  else await writeFile(file, 'PANSEA_SETTLE_SECONDS=soon\n');
  const { title, content } = await boxOf({ path: place.path, env });
  expect(title).toBe('A setting is not valid');
  expect(content).toContain(told);
  expect(content).toContain('Correct it in the environment or in the .env file.');
  expect(existsSync(place.home)).toBe(false);

  // The way on is the one that was named: a file that is right leads to the storage that it says.
  await rm(file, { recursive: true });
  const lines = Object.entries(storageEnv(s3)).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(''));
  await using app = await place.launch();
  expect(await app.api.getStatus({})).toMatchObject({ mode: 'ready', bucket: s3.bucket });
});

/** The page and all else are there; the engine's own file is not. */
const isNotTheEngine = (path: string) => !/[/\\]host-[^/\\]+\.js$/.test(path);

test('an app that is damaged says so in a box and ends, instead of looking as if it uploaded', async () => {
  await using place = await openPlace();
  const app = join(place.path, 'app');
  await cp(join(root, 'out'), join(app, 'out'), { recursive: true, filter: isNotTheEngine });
  await copyFile(join(root, 'package.json'), join(app, 'package.json'));
  await symlink(join(root, 'node_modules'), join(app, 'node_modules'));
  const { title, content } = await boxOf(place, app);
  expect(title).toBe('Pan-Sea Sync had to end');
  expect(content).toContain('not uploaded yet is still in its folder');
  expect(content).toContain('Nothing is uploaded until it runs again');
  expect(content).toContain('Start it again');
  expect(content).toMatch(/Details: .*host-/);
});
