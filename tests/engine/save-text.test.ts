import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { saveText } from '../../electron/engine/window/save-text.ts';
import { tempDir } from '../support/temp-dir.ts';

test('what is saved over a file that others could read is for its owner alone', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'links.html');
  await writeFile(path, 'a longer page that was there before');
  await chmod(path, 0o644);
  const desktop = { chooseSavePath: () => Promise.resolve(path) };
  expect(await saveText(desktop, 'links.html', async () => 'live links')).toBe(path);
  expect(await readFile(path, 'utf8')).toBe('live links');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
