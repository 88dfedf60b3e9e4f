/**
 * @file Hash lists as film archives keep them, of files that are verified and for which bytes are here. The
 * ledger keeps SHA-256, which neither kind of list knows: so each file is read once more, and listed only
 * if these very bytes have the ledger's SHA-256.
 */
import { AppError } from '#shared/errors.ts';
import { count } from '#shared/format.ts';
import type { HashKind, HashListFormat, Unlisted } from '#shared/migration/migration.ts';
import { rehashSource } from '../audit/rehash.ts';
import { inSlices } from '../pauses.ts';
import { openSource } from '../files/source.ts';
import { openHashedFiles, type HashedFile, type HashedFiles } from '../store/hashed-files.ts';
import type { JobStore } from '../store/jobs.ts';
import type { OpenOptions } from '../store/open.ts';
import type { Plan, PlannedFile, PlanStore } from '../store/plans.ts';
import { abreast } from './abreast.ts';
import { writeAscMhl } from './asc-mhl.ts';
import { openHashers, type MakeHasher } from './hashers.ts';
import { writeMhl } from './mhl.ts';
import { pathNow } from './quarantine.ts';
import { assertNotAway, jobOf } from './run.ts';
import { READS, sentOf, whatIsWrong } from './verify.ts';
import { isXmlText } from './xml.ts';

export type HashListOptions = Readonly<{
  format: HashListFormat;
  hash: HashKind;
  /** A new file, or for `ascmhl` a new folder. */
  out: string;
  /** Of this program. */
  version: string;
}> &
  OpenOptions;

type Context = Readonly<{ jobs: JobStore; plans: PlanStore; nowMs: () => number }>;
type Looked = Readonly<{ file: PlannedFile; found: HashedFile | Unlisted }>;

/**
 * Reads every verified file of a plan that is here or in quarantine, and writes the list.
 *
 * @param onRead How many files were looked at.
 * @param onLeft Hears, once the list is there, of each file of the plan that is not in it.
 * @returns How many files and bytes are in the list.
 * @throws AppError `usage` when there would be none; `download-exists` · `cannot-write`
 */
export async function writeHashList(
  context: Context,
  plan: Plan,
  options: HashListOptions,
  onRead: (files: number) => void,
  onLeft: (path: string, why: Unlisted) => Promise<void>,
  signal: AbortSignal,
): Promise<{ files: number; bytes: number }> {
  const { plans, nowMs } = context;
  const { hash, version } = options;
  const total = { files: 0, bytes: 0 };
  let read = 0;
  const make = await openHashers();
  const list = openHashedFiles(options);
  try {
    const beganAtMs = nowMs();
    const look = async (file: PlannedFile): Promise<Looked> => ({
      file,
      found: await lookAt(context, plan, file, () => make(hash), signal),
    });
    for await (const page of abreast(plans.files(plan.id), READS, signal, look)) {
      for (const { file, found } of page) note(list, file, found, total);
      onRead((read += page.length));
    }
    for await (const path of inSlices(plans.leftOutPaths(plan.id))) list.leaveOut(path);
    if (total.files === 0)
      throw new AppError(
        'usage',
        `Of ${count(plan.files, 'file')} in the plan none is verified and still here: connect the archive’s disk, run the plan, then verify again`,
      );
    const head = { plan, hash, make, version, beganAtMs, endedAtMs: nowMs() };
    const write = options.format === 'mhl' ? writeMhl : writeAscMhl;
    await write(head, list, options.out);
    for await (const { path, why } of inSlices(list.unlisted()))
      if (why !== null) await onLeft(path, why as Unlisted);
  } finally {
    list.close();
  }
  return total;
}

function note(
  list: HashedFiles,
  file: PlannedFile,
  found: HashedFile | Unlisted,
  total: { files: number; bytes: number },
): void {
  if (typeof found === 'string') return list.leaveOut(file.path, found);
  list.add(found);
  total.files += 1;
  total.bytes += file.sizeBytes;
}

async function lookAt(
  { jobs, nowMs }: Context,
  plan: Plan,
  file: PlannedFile,
  make: () => ReturnType<MakeHasher>,
  signal: AbortSignal,
): Promise<HashedFile | Unlisted> {
  const job = jobOf(jobs, plan, file);
  const sent = job && sentOf(job);
  // It may be back by now: yet that this is the file that was proven is for a verification to say.
  if (sent && (file.verdict === 'gone' || file.verdict === 'unreadable')) return 'was-away';
  if (file.verdict !== 'verified' || sent === undefined) return 'not-verified';
  const path = pathNow(plan, file);
  if (path === undefined) return 'deleted';
  if (!isXmlText(file.path)) return 'name';
  try {
    await using source = await openSource({ ...file, path, file: undefined }, signal);
    const hasher = make();
    const sha256 = await rehashSource(source, file.sizeBytes, signal, hasher.update);
    if (sha256 !== sent.fingerprint.sha256) return 'changed';
    const { sizeBytes, mtimeNs } = file;
    return { path: file.path, sizeBytes, mtimeNs, hash: hasher.digest(), hashedAtMs: nowMs() };
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError) || error.scope !== 'file') throw error;
    const wrong = whatIsWrong(error);
    if (wrong !== 'changed') await assertNotAway(plan);
    return wrong;
  }
}
