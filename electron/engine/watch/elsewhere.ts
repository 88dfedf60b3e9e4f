/** @file Finds a disk that came back at another path: under another mount point or drive letter. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, Silence } from '../files/disks.ts';
import { identify, volumeOf } from './presence.ts';
import type { FolderIdentity } from '../store/folders.ts';

const ANSWER_MS = 2_000;

/**
 * The folder's path on the volume that it was on, wherever that is mounted now. By the volume's and the
 * folder's own identity, never by a name.
 *
 * @returns `undefined` when it is nowhere, at more than one place, or not certainly the same.
 */
export async function findElsewhere(known: FolderIdentity): Promise<string | undefined> {
  if (known.volume === null || known.root.endsWith('.0')) return undefined;
  const found: string[] = [];
  for (const top of await mountPoints()) {
    const candidate = await ask(top, () => same(top, known), { limitMs: ANSWER_MS }).catch(
      passOver,
    );
    if (candidate !== undefined) found.push(candidate);
  }
  return found.length === 1 ? found[0] : undefined;
}

function passOver(error: unknown): undefined {
  if (!(error instanceof Silence)) throw error;
}

async function same(top: string, known: FolderIdentity): Promise<string | undefined> {
  try {
    const { dev } = await stat(top, { bigint: true });
    if ((await volumeOf(top, dev)) !== known.volume) return undefined;
    const path = join(top, known.inside);
    return (await identify(path)).root === known.root ? path : undefined;
  } catch {
    return undefined;
  }
}

async function mountPoints(): Promise<string[]> {
  if (process.platform === 'win32')
    return Array.from({ length: 26 }, (_, i) => `${String.fromCodePoint(65 + i)}:\\`);
  if (process.platform === 'darwin')
    return (await readdir('/Volumes').catch(() => [])).map((name) => join('/Volumes', name));
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([source = '', , type = '']) => source.startsWith('/') || type === 'tmpfs')
    .map(([, path = '']) =>
      path.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
        String.fromCodePoint(Number.parseInt(octal, 8)),
      ),
    );
}
