/** @file Whether each file of a plan is in the bucket as it is here: one verdict for each, at the level asked for. */
import { AppError } from '#shared/errors.ts';
import {
  asKnown,
  outranks,
  type MigrationVerdict,
  type ProofLevel,
} from '#shared/migration/migration.ts';
import { rehash } from '../audit/rehash.ts';
import { findObject } from '../s3/find.ts';
import { isClosed, isRefusal } from '../s3/refusals.ts';
import type { ObjectInfo, Remote } from '../s3/remote.ts';
import type { Fingerprint, Job, JobStore } from '../store/jobs.ts';
import type { Checked, Plan, PlannedFile, PlanStore } from '../store/plans.ts';
import { judgeObject, readBack, type Sent } from '../upload/verify.ts';
import { abreast } from './abreast.ts';
import { pathNow } from './quarantine.ts';
import { assertNotAway, jobOf } from './run.ts';

/** Looks at a time, and whole reads at a time: a disk is no quicker with more. */
const LOOKS = 16;
export const READS = 2;

export type MigrationContext = Readonly<{ jobs: JobStore; plans: PlanStore; remote: Remote }>;
type VerdictCount = Record<MigrationVerdict, number>;

/**
 * Looks at every file of a plan and keeps the verdicts, but for those that rest on more; see `outranks`.
 *
 * @param share How much of the plan is read back at that level, 0 to 1; by chance. The rest gets `full`.
 * @throws AppError with the storage's trouble: what cannot be asked has no verdict; `folder-away`.
 */
export async function verifyPlan(
  context: MigrationContext & Readonly<{ nowMs: () => number; random: () => number }>,
  plan: Plan,
  asked: Readonly<{ level: ProofLevel; share: number }>,
  onVerdict: (checked: Checked) => void | Promise<void>,
  signal: AbortSignal,
): Promise<VerdictCount> {
  const { jobs, plans, remote, nowMs, random } = context;
  const total: VerdictCount = {
    verified: 0,
    pending: 0,
    missing: 0,
    differing: 0,
    changed: 0,
    gone: 0,
    unproven: 0,
    archived: 0,
    unreadable: 0,
    denied: 0,
  };
  const verifyOne = async (file: PlannedFile): Promise<Checked> => {
    const isChosen = asked.level !== 'read-back' || random() < asked.share;
    const level = isChosen ? asked.level : 'full';
    const job = jobOf(jobs, plan, file);
    const sent = job && sentOf(job);
    const verdict =
      job && sent ? await verdictOf(remote, plan, file, job, sent, level, signal) : 'pending';
    const found = { file, verdict, level, key: sent?.key, sha256: sent?.fingerprint.sha256 };
    const known = plans.fileNow(file);
    const told: Checked = outranks(known, found) ? { ...known, file } : asKnown(known, found);
    total[told.verdict] += 1;
    await onVerdict(told);
    return found;
  };
  const number = asked.level === 'head' ? LOOKS : READS;
  for await (const checked of abreast(plans.files(plan.id), number, signal, verifyOne))
    plans.setVerdicts(plan, checked, nowMs());
  return total;
}

async function verdictOf(
  remote: Remote,
  plan: Plan,
  file: PlannedFile,
  job: Job,
  sent: Sent,
  level: ProofLevel,
  signal: AbortSignal,
): Promise<MigrationVerdict> {
  try {
    const there = await lookThere(remote, sent, level, signal);
    const path = pathNow(plan, file);
    if (there !== 'verified' || level !== 'full' || path === undefined) return there;
    const sha256 = await rehash({ ...file, path, file: job.file }, signal);
    return sha256 === sent.fingerprint.sha256 ? 'verified' : 'changed';
  } catch (error) {
    if (signal.aborted || !(error instanceof AppError) || error.scope === 'storage') throw error;
    const closed = whyClosed(error);
    if (closed) return closed;
    const wrong = whatIsWrong(error);
    if (wrong !== 'changed') await assertNotAway(plan);
    return wrong;
  }
}

/** What a verified job has sent; of the same bytes under another name, what was sent of those. */
export function sentOf({ key, token, fingerprint, state }: Job): Sent | undefined {
  if (state.kind !== 'verified' || key === undefined || fingerprint === undefined) return undefined;
  return { key, token, fingerprint };
}

/** What the storage has, by asking it now. */
async function lookThere(
  remote: Remote,
  sent: Sent,
  level: ProofLevel,
  signal: AbortSignal,
): Promise<MigrationVerdict> {
  return judgeThere(remote, sent, await findObject(remote, sent.key, signal), level, signal);
}

/** The same by what the storage has said of the object. */
export async function judgeThere(
  remote: Remote,
  sent: Sent,
  info: ObjectInfo | undefined,
  level: ProofLevel,
  signal: AbortSignal,
): Promise<MigrationVerdict> {
  if (info === undefined) return 'missing';
  const verdict = judgeObject(sent, info);
  if (verdict === 'someone-elses' || verdict === 'damaged') return 'differing';
  if (level === 'read-back') return readWhole(remote, info, sent.fingerprint, signal);
  return level === 'head' || verdict === 'verified' ? 'verified' : 'unproven';
}

async function readWhole(
  remote: Remote,
  info: Parameters<typeof readBack>[1],
  fingerprint: Fingerprint,
  signal: AbortSignal,
): Promise<MigrationVerdict> {
  try {
    await readBack(remote, info, fingerprint, signal);
    return 'verified';
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'damaged-copy') throw error;
    return 'differing';
  }
}

/** Why the storage says nothing of an object's bytes, where it is that. */
export function whyClosed(error: AppError): 'archived' | 'denied' | undefined {
  if (isClosed(error)) return 'archived';
  return isRefusal(error) ? 'denied' : undefined;
}

/** What a file's own trouble says of it. */
export function whatIsWrong({ code }: AppError): 'changed' | 'gone' | 'unreadable' {
  if (code === 'file-gone') return 'gone';
  return code === 'file-changed' ? 'changed' : 'unreadable';
}
