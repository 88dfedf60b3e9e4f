/** @file Proof, in the very moment, that a file is in the bucket. */
import { AppError } from '#shared/errors.ts';
import type { Kept } from '#shared/migration/migration.ts';
import { rehashSource } from '../audit/rehash.ts';
import { look } from '../watch/scan.ts';
import { openSource, type Source } from '../files/source.ts';
import { isClosed } from '../s3/refusals.ts';
import type { ObjectInfo } from '../s3/remote.ts';
import { isMutant } from '../test-hooks.ts';
import type { Plan, PlannedFile } from '../store/plans.ts';
import { askDisk, jobOf } from './run.ts';
import { judgeThere, sentOf, whatIsWrong, type MigrationContext } from './verify.ts';

/**
 * Does something to a file while it is known to be in the bucket: the object is asked for now, by its
 * checksum or, without one, read back; the file is read whole, from a descriptor that stays open; and as that
 * may take long, the object is asked for once more.
 *
 * @param act Gets the file, which fails to be in place once it is not as it was read.
 */
export async function whenProven(
  { jobs, plans, remote }: MigrationContext,
  plan: Plan,
  file: PlannedFile,
  path: string,
  signal: AbortSignal,
  act: (source: Source) => Promise<Kept | 'done'>,
): Promise<Kept | 'done'> {
  const job = jobOf(jobs, plan, file);
  const sent = job && sentOf(job);
  // A receipt names the object that was verified: what was sent again since has to be, too.
  if (sent === undefined || (file.key !== undefined && file.key !== sent.key)) return 'pending';
  /** What the storage has of it at this moment. */
  const ask = async (): Promise<{ info?: ObjectInfo | undefined; there: Kept | 'verified' }> => {
    const info = await remote.head(sent.key, signal);
    // Its checksum was right then, too: only another reading clears it.
    if (info && plans.wasReadWrong(sent.key)) return { info, there: 'differing' };
    if (info?.isExpiring) return { info, there: 'expiring' };
    return { info, there: await judgeThere(remote, sent, info, 'full', signal) };
  };
  try {
    const first = await ask();
    const there =
      first.there === 'unproven'
        ? await judgeThere(remote, sent, first.info, 'read-back', signal)
        : first.there;
    if (there !== 'verified') return there;
    const found = await askDisk(plan, () => look(path));
    if (found.kind === 'skipped') return found.code === undefined ? 'gone' : 'unreadable';
    await using source = await openSource({ ...file, path, file: found.sighting }, signal);
    // Bug 11: what the file was when it was sent is taken for what it is.
    if (!isMutant(11)) {
      const sha256 = await rehashSource(source, file.sizeBytes, signal);
      if (sha256 !== sent.fingerprint.sha256) return 'changed';
    }
    const last = await ask();
    // Where the storage keeps no checksum, what was read back is proven for as long as it is that very object.
    const isAsRead = last.there === 'unproven' && last.info?.etag === first.info?.etag;
    if (last.there !== 'verified' && !isAsRead) return last.there;
    return await act(source);
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError) || error.scope !== 'file') throw error;
    return isClosed(error) ? 'archived' : whatIsWrong(error);
  }
}
