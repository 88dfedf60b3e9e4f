/** @file What was fetched from the storage into a followed folder is no new recording there. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { createIntake } from './intake.ts';
import { look } from '../watch/scan.ts';
import { selectorFor } from '../watch/selector.ts';
import { isBelow, reach } from '../watch/watchable.ts';
import type { Folder, FolderStore } from '../store/folders.ts';
import type { JobStore } from '../store/jobs.ts';

/** How long the folders may take to say where they are: a file that is saved waits for that. */
const REACH_MS = 2_000;

/**
 * Takes a downloaded file for one that a person does not send: it would go up once more, and to the class of
 * the folder that it is saved in. Its next version is a recording as any other.
 *
 * @param partial Where it is, not to be changed any more.
 * @param target  Where it is going to be: once it is seen there, it may be sent before this is noted. Its
 *   size and time stay the same by that, and by them it is known.
 */
export async function noteDownloaded(
  { jobs, folders, nowMs }: Readonly<{ jobs: JobStore; folders: FolderStore; nowMs: () => number }>,
  partial: string,
  target: string,
): Promise<void> {
  const place = await placeOf(join(await realpath(dirname(target)), basename(target)), folders);
  if (!place || selectorFor(place.folder.rule)(place.below) !== undefined) return;
  const { folder, below } = place;
  const found = await look(partial);
  if (found.kind !== 'file') return;
  const sighting = { ...found.sighting, path: join(folder.path, below) };
  // In one commit: nobody may begin to send it in between.
  await jobs.together(() => {
    const { id, state } = createIntake(jobs, nowMs).accept(sighting, folder);
    if (state.kind === 'queued' || state.kind === 'held') jobs.apply(id, [{ type: 'cancelled' }]);
  });
}

/** By the folders' names first, for which no disk is asked: no folder is inside another one. */
async function placeOf(
  real: string,
  folders: FolderStore,
): Promise<{ folder: Folder; below: string } | undefined> {
  const all = folders.list();
  const named = all.find(({ path }) => isBelow(real, path));
  if (named) return { folder: named, below: relative(named.path, real) };
  const signal = AbortSignal.timeout(REACH_MS);
  const tops = await Promise.all(all.map((folder) => reach(folders, folder, { signal })));
  const at = tops.findIndex((top) => top !== undefined && isBelow(real, top));
  return at === -1 ? undefined : { folder: all[at]!, below: relative(tops[at]!, real) };
}
