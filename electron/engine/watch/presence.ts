/**
 * @file Whether a watched folder is there, and is the one that was meant: not an empty mount point, not
 * another stick at the same place. Told by its file system, its own number and the files known in it;
 * nothing is ever written into it.
 */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ask, Silence } from '../files/disks.ts';
import { inodeOf, look } from './scan.ts';
import { isMutant } from '../test-hooks.ts';
import type { Folder, FolderIdentity, FolderStore } from '../store/folders.ts';
import type { FileVersion, JobStore } from '../store/jobs.ts';

/**
 * `here` · `away`: there is nothing, or an empty folder in its place · `other`: there is another folder
 * or disk in its place · `silent`: it does not answer, like a share whose server hangs.
 */
export type Presence = 'here' | 'away' | 'other' | 'silent';

/** Known files that are looked for, the newest, where its own number does not tell. */
const SAMPLE = 16;

/** @throws The system's error when the folder cannot be looked at. */
export async function identify(folder: string): Promise<FolderIdentity> {
  const real = await realpath(folder);
  const there = await stat(real, { bigint: true });
  const top = await topOf(real, there.dev);
  return {
    volume: (await volumeOf(top, there.dev)) ?? null,
    device: String(there.dev),
    root: inodeOf(there),
    inside: relative(top, real),
  };
}

/** The highest folder above that is on the same device: where the file system is mounted. */
async function topOf(path: string, device: bigint): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  const { dev } = await stat(parent, { bigint: true });
  return dev === device ? topOf(parent, device) : path;
}

/**
 * What tells a file system from every other, wherever and as whatever device it appears: its serial
 * number on Windows, its UUID where Linux shows it, else when its top folder was made. `undefined` for
 * what keeps none of these, such as FAT in some systems.
 */
export async function volumeOf(top: string, device: bigint): Promise<string | undefined> {
  if (process.platform === 'win32') return String(device);
  const uuids = '/dev/disk/by-uuid';
  for (const uuid of await readdir(uuids).catch(() => [])) {
    const disk = await stat(join(uuids, uuid), { bigint: true }).catch(() => undefined);
    if (disk?.rdev === device) return uuid;
  }
  const { ino, birthtimeNs } = await lstat(top, { bigint: true });
  return birthtimeNs === 0n ? undefined : `${ino}.${birthtimeNs}`;
}

/**
 * @param known    The folder as it was when a person chose it; `undefined` when nobody has noted it yet.
 * @param newest   Files that were found in it, the newest first.
 * @param mayTrust Whether all of `known` was found to be so before, see `createPresence`.
 * @returns With `now`, the folder's identity, when there is a folder and it was asked for.
 */
async function presenceOf(
  folder: string,
  known: FolderIdentity | undefined,
  newest: () => readonly FileVersion[],
  mayTrust: boolean,
): Promise<{ presence: Presence; now?: FolderIdentity }> {
  let failure: unknown;
  try {
    // Bug 10: a folder without its files is here, and they are gone.
    if (isMutant(10)) return { presence: 'here' };
    const there = await stat(folder, { bigint: true });
    if (!there.isDirectory()) return { presence: 'away' };
    const isTrusted = mayTrust && String(there.dev) === known?.device;
    if (isTrusted && isBorn(known) && inodeOf(there) === known.root) return { presence: 'here' };
    const now = await identify(folder);
    if (known === undefined || isSameFolder(known, now)) return { presence: 'here', now };
    const sample = sampleOf();
    for (const version of sample) {
      const found = await look(version.path);
      if (found.kind !== 'file') continue;
      const { sizeBytes, mtimeNs } = found.sighting;
      if (sizeBytes === version.sizeBytes && mtimeNs === version.mtimeNs)
        return { presence: 'here', now };
    }
    // Made anew at its place while nothing was known of it. A volume without a name of its own cannot tell.
    const isSameVolume =
      known.volume === null || now.volume === null
        ? known.device === now.device && known.root === now.root
        : known.volume === now.volume;
    if (sample.length === 0 && isSameVolume) return { presence: 'here', now };
    return { presence: (await readdir(folder)).length === 0 ? 'away' : 'other' };
  } catch {
    if (failure !== undefined) throw failure; // The ledger's trouble is none of the folder's.
    return { presence: 'away' };
  }

  function sampleOf(): readonly FileVersion[] {
    try {
      return newest();
    } catch (error) {
      failure = error;
      throw error;
    }
  }
}

/** Numbers are used again, by every stick for its top folder even: only with the birth, or the volume, they tell. */
function isSameFolder(known: FolderIdentity, now: FolderIdentity): boolean {
  if (known.root !== now.root) return false;
  return isBorn(now) || (now.volume !== null && known.volume === now.volume);
}

const isBorn = ({ root }: FolderIdentity): boolean => !root.endsWith('.0');

export type AskPresence = (folder: Folder, limitMs?: number) => Promise<Presence>;

/** Under which name a folder's disk is asked, see `ask`. */
export function diskOf(folders: FolderStore, folder: Folder): string {
  return diskIn(folders.identity(folder.id), folder);
}

const diskIn = (known: FolderIdentity | undefined, { path }: Folder): string =>
  known?.device ?? path;

/** Asks without noting anything: beside an engine that works in the same home. */
export function peekPresence(folders: FolderStore, jobs: JobStore): AskPresence {
  return async (folder, limitMs) =>
    (await compare(folders.identity(folder.id), jobs, folder, limitMs)).presence;
}

async function compare(
  known: FolderIdentity | undefined,
  jobs: JobStore,
  folder: Folder,
  limitMs: number | undefined,
  mayTrust = false,
): ReturnType<typeof presenceOf> {
  const { id, path } = folder;
  const question = () => presenceOf(path, known, () => jobs.newestOf(id, SAMPLE), mayTrust);
  try {
    return await ask(diskIn(known, folder), question, limitMs === undefined ? {} : { limitMs });
  } catch (error) {
    if (error instanceof Silence) return { presence: 'silent' };
    throw error;
  }
}

/**
 * Asks after folders, each by one question at a time, and keeps the jobs of those that are away from
 * being claimed.
 *
 * @param onChange Called when a folder is away now, or its jobs may be claimed again.
 */
export function createPresence(
  folders: FolderStore,
  jobs: JobStore,
  onChange: () => void = () => {},
): AskPresence {
  const asked = new Map<number, Promise<Presence>>();
  /**
   * Folders of which the last question in full told nothing new: one look tells whether they are the same,
   * where the question is some ten, each of which wakes a thread, for each folder and every few seconds.
   */
  const trusted = new Set<number>();

  async function askAnew(folder: Folder, limitMs: number | undefined): Promise<Presence> {
    const { id } = folder;
    const known = folders.identity(id);
    const { presence, now } = await compare(known, jobs, folder, limitMs, trusted.has(id));
    const isNews = now !== undefined && JSON.stringify(now) !== JSON.stringify(known);
    if (isNews) folders.setIdentity(id, now);
    if (isNews || presence !== 'here') trusted.delete(id);
    else trusted.add(id);
    return presence;
  }

  return async (folder, limitMs) => {
    const { id } = folder;
    const question = asked.get(id) ?? askAnew(folder, limitMs).finally(() => asked.delete(id));
    asked.set(id, question);
    const presence = await question;
    const isAway = presence !== 'here';
    const isNews = isAway !== jobs.isAway(id);
    jobs.setAway(id, isAway);
    if (isNews) onChange();
    return presence;
  };
}
