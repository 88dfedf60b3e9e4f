/** @file The files that carry the token: for this user's programs and browser, and for nobody else's. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Takes the file away again, unless another server has put its own there since. */
type Forget = () => Promise<void>;

/** Leaves address and token in `serve.json` of the home, for other programs. */
export async function writeTokenFile(
  homePath: string,
  access: Readonly<{ url: string; token: string }>,
): Promise<Forget> {
  const text = `${JSON.stringify({ ...access, processId: process.pid })}\n`;
  return (await writePrivate(join(homePath, 'serve.json'), text)).forget;
}

/**
 * Writes a page that leads to the window, token and all. A browser is given its path: the arguments of a
 * process can be read by every user of the computer.
 *
 * @param address Of the window, with the token behind its `#`.
 */
export function writeOpener(
  homePath: string,
  address: string,
): Promise<{ path: string; forget: Forget }> {
  const page = [
    '<!doctype html>',
    '<meta charset="utf-8">',
    '<meta name="referrer" content="no-referrer">',
    `<meta http-equiv="refresh" content="0; url=${address}">`,
    '<title>Pan-Sea Sync</title>',
    `<p><a href="${address}">Open Pan-Sea Sync</a>`,
  ];
  return writePrivate(join(homePath, 'open.html'), `${page.join('\n')}\n`);
}

async function writePrivate(path: string, text: string): Promise<{ path: string; forget: Forget }> {
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
  const forget = async () => {
    const now = await readFile(path, 'utf8').catch(() => '');
    if (now === text) await rm(path, { force: true });
  };
  return { path, forget };
}
