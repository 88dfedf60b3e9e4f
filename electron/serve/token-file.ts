import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Leaves address and token in `serve.json` of the home, for other programs of the same user and for
 * nobody else's.
 *
 * @returns Removes it again, unless another server has put its own there since.
 */
export async function writeTokenFile(
  homePath: string,
  access: Readonly<{ url: string; token: string }>,
): Promise<() => Promise<void>> {
  const path = join(homePath, 'serve.json');
  const text = `${JSON.stringify({ ...access, processId: process.pid })}\n`;
  // A new file each time: an old one would keep the rights it has.
  const temporary = `${path}.${process.pid}`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  return async () => {
    const now = await readFile(path, 'utf8').catch(() => '');
    if (now === text) await rm(path, { force: true });
  };
}
