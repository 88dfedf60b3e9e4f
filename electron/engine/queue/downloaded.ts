/** @file What was fetched from the storage into a followed folder is no new recording there. */
import { realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createIntake } from './intake.ts';
import { look, selectorFor } from '../watch/scan.ts';
import { isBelow, reach } from '../watch/watchable.ts';
import type { FolderStore } from '../store/folders.ts';
import type { JobStore } from '../store/jobs.ts';

/**
 * Takes a downloaded file for one that a person does not send: it would go up once more, and to the class of
 * the folder that it was saved in. Its next version is a recording as any other.
 */
export async function noteDownloaded(
  { jobs, folders, nowMs }: Readonly<{ jobs: JobStore; folders: FolderStore; nowMs: () => number }>,
  path: string,
): Promise<void> {
  const real = await realpath(path);
  for (const folder of folders.list()) {
    const top = await reach(folders, folder);
    if (top === undefined || !isBelow(real, top)) continue;
    const below = relative(top, real);
    const found = await look(join(folder.path, below));
    if (found.kind !== 'file' || selectorFor(folder.rule)(below) !== undefined) continue;
    // In one commit: nobody may begin to send it in between.
    await jobs.together(() => {
      const { id, state } = createIntake(jobs, nowMs).accept(found.sighting, folder);
      if (state.kind === 'queued' || state.kind === 'held') jobs.apply(id, [{ type: 'cancelled' }]);
    });
  }
}
