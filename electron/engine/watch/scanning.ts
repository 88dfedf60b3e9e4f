/** @file Looks folders through: one scan of a folder at a time, and none that waits for ever. */
import { countMissing } from './missing.ts';
import { ask, Silence } from '../files/disks.ts';
import type { LeftOuts } from './left-out.ts';
import { diskOf, type AskPresence, type Presence } from './presence.ts';
import { scanInPieces, type Piece, type Sighting, type Skipped } from './scan.ts';
import type { EngineEvent } from '../events.ts';
import type { Log } from '../log.ts';
import type { Folder, FolderStore } from '../store/folders.ts';
import type { JobStore } from '../store/jobs.ts';

export type ScanCount = {
  found: number;
  /** Left out by a rule, or no file at all. */
  skipped: number;
  /** Files and folders that could not be looked at: there may be recordings among them. */
  unreadable: number;
  notConnected: number;
};

type ScanningOptions = Readonly<{
  folders: FolderStore;
  jobs: JobStore;
  presence: AskPresence;
  /** Files of one of its folders. */
  observe: (folder: Folder, sightings: readonly Sighting[]) => void;
  /** A file that waits for its upload was not at its place: another scan soon makes it certain. */
  onAbsent: (folder: Folder) => void;
  leftOuts: LeftOuts;
  emit: (event: EngineEvent) => void;
  log: Log;
}>;

/** Why a folder's recordings wait, in words; nothing more to say when it is simply not there. */
const AWAY = {
  away: {},
  other: { detail: 'has another folder or disk in its place: nothing of it is uploaded' },
  silent: { detail: 'does not answer' },
} as const satisfies Record<Exclude<Presence, 'here'>, { detail?: string }>;

export function createScanning(options: ScanningOptions) {
  const { folders, jobs, presence, observe, onAbsent, leftOuts, emit, log } = options;
  /** What the last scan of each folder could not look at. */
  const unreadable = new Map<number, number>();
  /** Which version of each folder a scan has ended for since it was last away. */
  const looked = new Map<number, string>();
  const running = new Map<number, Readonly<{ version: string; scanned: Promise<ScanCount> }>>();

  function tellAway(folder: Folder, how: Exclude<Presence, 'here'>, detail?: string): void {
    const why = detail === undefined ? AWAY[how] : { detail };
    looked.delete(folder.id);
    emit({ type: 'folder', path: folder.path, state: 'not-connected', ...why });
  }

  /** Joins a scan of this folder that runs, unless what is there `now` has to be told: then another one follows. */
  async function scan(folder: Folder, signal: AbortSignal, now = false): Promise<ScanCount> {
    const version = versionOf(folder);
    const before = running.get(folder.id);
    if (before?.version === version && !now) return before.scanned;
    await before?.scanned.catch(() => {});
    const scanned = look(folder, signal).finally(() => {
      if (running.get(folder.id)?.scanned === scanned) running.delete(folder.id);
    });
    running.set(folder.id, { version, scanned });
    return scanned;
  }

  async function look(folder: Folder, signal: AbortSignal): Promise<ScanCount> {
    const count = { found: 0, skipped: 0, unreadable: 0, notConnected: 0 };
    const there = await presence(folder);
    if (there !== 'here') {
      tellAway(folder, there);
      return { ...count, notConnected: 1 };
    }
    const leftOut = leftOuts.begin(folder.id);
    let isWhole = false;
    try {
      for await (const some of answering(folder, signal)) {
        const sightings: Sighting[] = [];
        for (const found of some.found)
          if (found.kind === 'file') sightings.push(found.sighting);
          else {
            leftOut.note(found);
            pass(found, count);
          }
        count.found += some.known + sightings.length;
        if (sightings.length > 0) observe(folder, sightings);
      }
      leftOut.end();
      isWhole = true;
      const isHere = async () => (await presence(folder)) === 'here';
      if (await countMissing(jobs, folder, diskOf(folders, folder), isHere)) onAbsent(folder);
    } catch (error) {
      // One folder that cannot be read does not keep the others from being looked at.
      if (signal.aborted) throw error;
      const now = error instanceof Silence ? 'silent' : await presence(folder);
      count[now === 'here' ? 'unreadable' : 'notConnected'] += 1;
      log('warn', 'A folder cannot be read', { folder: folder.path, error });
      const detail = `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`;
      if (now === 'here')
        emit({ type: 'folder', path: folder.path, state: 'not-connected', detail });
      else tellAway(folder, now);
    }
    unreadable.set(folder.id, count.unreadable);
    if (count.notConnected === 0) looked.set(folder.id, versionOf(folder));
    emit({ type: 'scanned', path: folder.path, isWhole });
    return count;
  }

  function pass({ path, reason, code }: Skipped, count: ScanCount): void {
    count[code === 'file-unreadable' ? 'unreadable' : 'skipped'] += 1;
    emit({ type: 'skipped', path, reason, code });
  }

  /** The scan, as long as each of its answers comes in time. */
  async function* answering(folder: Folder, signal: AbortSignal): AsyncGenerator<Piece> {
    const scanned = scanInPieces(folder, signal, jobs.areUnderWay);
    const disk = diskOf(folders, folder);
    const next = () => ask(disk, () => scanned.next(), { signal });
    try {
      for (let coming = next(); ;) {
        const step = await coming;
        if (step.done === true) return;
        coming = next(); // The disk works while the ledger is asked.
        coming.catch(() => {}); // It is waited for above.
        yield step.value;
      }
    } finally {
      // Ends its thread, once that is answered.
      scanned.return(undefined).catch(() => {});
    }
  }

  return {
    scan,
    async scanAll(signal: AbortSignal, now = false): Promise<ScanCount> {
      const counts = await Promise.all(folders.list().map((folder) => scan(folder, signal, now)));
      const sum = (name: keyof ScanCount) => counts.reduce((all, count) => all + count[name], 0);
      return {
        found: sum('found'),
        skipped: sum('skipped'),
        unreadable: sum('unreadable'),
        notConnected: sum('notConnected'),
      };
    },
    tellAway,
    notLooked: () =>
      folders
        .list()
        .filter((folder) => looked.get(folder.id) !== versionOf(folder) && !jobs.isAway(folder.id))
        .length,
    /** Files and folders that the last scans could not look at. */
    unreadable: () => folders.list().reduce((all, { id }) => all + (unreadable.get(id) ?? 0), 0),
  };
}

/** With another rule, or at another place, it has to be looked through anew. */
const versionOf = ({ path, rule }: Folder): string => JSON.stringify([path, rule]);
