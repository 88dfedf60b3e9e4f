/** @file Settings that cannot be read before there is a window: one box says which, and how to go on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, expect, test } from 'vitest';
import { end, needElectron, openPlace, root, runtime } from './app.ts';

beforeEach(needElectron);

/** Loaded before the app: says on stdout what the box would say, as one who reads and closes it. */
const reader = `
  const { dialog } = require('electron');
  dialog.showErrorBox = (title, content) => console.log(JSON.stringify({ title, content }));
`;

test.each([
  ['a setting of a wrong kind', 'file', 'PANSEA_SETTLE_SECONDS must be a number of seconds'],
  ['a .env that cannot be read', 'folder', '.env: Error: EISDIR'],
])('%s is named in a box, and the app ends without touching the library', async (_, kind, told) => {
  await using place = await openPlace();
  const { PANSEA_SETTLE_SECONDS: __, ...env } = place.env;
  const file = join(place.path, '.env');
  if (kind === 'folder') await mkdir(file);
  else await writeFile(file, 'PANSEA_SETTLE_SECONDS=soon\n');
  const stub = join(place.path, 'reader.cjs');
  await writeFile(stub, reader);
  const child = spawn(runtime.executable, ['--no-sandbox', '--disable-gpu', '-r', stub, root], {
    cwd: place.path,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const ended = once(child, 'exit');
    const [line = ''] = (await text(child.stdout)).split('\n');
    expect(await ended).toEqual([1, null]);
    expect(JSON.parse(line)).toEqual({
      title: 'A setting is not valid',
      content: expect.stringContaining(told),
    });
    expect(JSON.parse(line).content).toContain(
      'Correct it in the environment or in the .env file.',
    );
    expect(existsSync(place.home)).toBe(false);
  } finally {
    await end(child, 'SIGKILL');
  }
  // The way on is the one that was named.
  await rm(file, { recursive: true });
  await using app = await place.launch();
  expect(await app.api.getStatus({})).toMatchObject({ mode: 'no-settings' });
});
