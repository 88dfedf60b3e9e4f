/** @file Proof, in the very moment, that a file is in the bucket. */
import { AppError } from '#shared/errors.ts';
import type { Kept } from '#shared/migration/migration.ts';
import { SINGLE_PUT_BYTES } from '#shared/parts.ts';
import { rehashSource } from '../audit/rehash.ts';
import { look } from '../watch/scan.ts';
import { openSource, type Source } from '../files/source.ts';
import { findObject } from '../s3/find.ts';
import type { ObjectInfo } from '../s3/remote.ts';
import { isMutant } from '../test-hooks.ts';
import { createTurns } from '../waiting.ts';
import type { Plan, PlannedFile } from '../store/plans.ts';
import { askDisk, jobOf } from './run.ts';
import { judgeThere, sentOf, whatIsWrong, whyClosed, type MigrationContext } from './verify.ts';

/** One name of a file after the other: a step of one shows at all of them, and would pass for a change there. */
const turns = createTurns();

/**
 * Does something to a file while it is known to be in the bucket: the file is read whole, from a descriptor that
 * stays open; then the object is asked for, by its checksum or, without one, read back. Of a large file it is
 * asked for before, too: nobody reads for an hour what is not there.
 *
 * @param act Gets the file, which fails to be in place once it is not as it was read.
 */
export async function whenProven(
  { jobs, plans, remote, nowMs }: MigrationContext & Readonly<{ nowMs: () => number }>,
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
  const ask = async (): Promise<Asked> => {
    const info = await findObject(remote, sent.key, signal);
    // Its checksum was right then, too: only another reading clears it.
    if (info && plans.wasReadWrong(sent.key)) return { info, there: 'differing' };
    if (info?.isExpiring) return { info, there: 'expiring' };
    return { info, there: await judgeThere(remote, sent, info, 'full', signal) };
  };
  const readBack = async ({ info }: Asked) => {
    const level = 'read-back';
    const verdict = await judgeThere(remote, sent, info, level, signal);
    const of = { key: sent.key, sha256: sent.fingerprint.sha256 };
    // At its own level: else the next look, for a checksum that the storage does not keep, writes over it.
    if (verdict === 'differing')
      plans.setVerdicts(plan, [{ file, verdict, level, ...of }], nowMs());
    return verdict;
  };
  try {
    if (file.sizeBytes > SINGLE_PUT_BYTES) {
      const { there } = await ask();
      if (there !== 'verified' && there !== 'unproven') return there;
    }
    const found = await askDisk(plan, () => look(path));
    if (found.kind === 'skipped') return found.code === undefined ? 'gone' : 'unreadable';
    const { device, inode } = found.sighting;
    using _ = await turns.take(`${device} ${inode}`, signal);
    await using source = await openSource({ ...file, path, file: found.sighting }, signal);
    // Bug 11: what the file was when it was sent is taken for what it is.
    if (!isMutant(11)) {
      const sha256 = await rehashSource(source, file.sizeBytes, signal);
      if (sha256 !== sent.fingerprint.sha256) return 'changed';
    }
    // Bug 18: nobody asks for the object once the file is read.
    const there = isMutant(18) ? 'verified' : await proven(ask, readBack);
    return there === 'verified' ? await act(source) : there;
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError) || error.scope !== 'file') throw error;
    return whyClosed(error) ?? whatIsWrong(error);
  }
}

type There = Kept | 'verified';
type Asked = Readonly<{ info?: ObjectInfo | undefined; there: There }>;

/** By the last answer of the storage, however long it takes to read an object back. */
async function proven(
  ask: () => Promise<Asked>,
  readBack: (asked: Asked) => Promise<There>,
): Promise<There> {
  const first = await ask();
  if (first.there !== 'unproven') return first.there;
  const read = await readBack(first);
  if (read !== 'verified') return read;
  // Where the storage keeps no checksum, what was read back is proven for as long as it is that very object.
  const last = await ask();
  return last.there === 'unproven' && last.info?.etag === first.info?.etag ? read : last.there;
}
