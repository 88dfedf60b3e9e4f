/** @file Sends exactly what a plan says, by the queue of all recordings, and names what is not as planned any more. */
import { opendir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { Fate } from '#shared/api/migration-view.ts';
import { canComeBack } from '#shared/job.ts';
import type { PlanFile } from '#shared/migration/plan.ts';
import { isSame } from '#shared/recording.ts';
import type { Engine } from '../engine.ts';
import { ask, Silence } from '../files/disks.ts';
import { inSlices } from '../pauses.ts';
import { look } from '../watch/scan.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import type { Drift, Plan, PlannedFile, PlanStore } from '../store/plans.ts';
import { scanArchive } from './scan-archive.ts';

/** Jobs that the queue has of a plan at a time: a recording that is made meanwhile waits for no more than these. */
const IN_FLIGHT = 128;
/** How long it waits for a retry before it leaves the file for the next time. */
const PATIENCE_MS = 60_000;

export type Drifted = Readonly<{ path: string; why: Drift | 'new' }>;
/** `refuted`: sent and verified, and since then the last verification has not found it as it was sent. */
export type RunCount = { files: number; verified: number; refuted: number } & Record<Fate, number>;

/**
 * Runs a plan until each of its files is verified, or waits for something that it cannot wait for itself.
 * Doing it again goes on where it was.
 *
 * @param onVerified Hears of each file that is in the bucket, also of those that were there before.
 * @throws AppError with the storage's trouble; `folder-away` when the archive's folder is not there.
 */
export async function runPlan(
  { engine, plans }: Readonly<{ engine: Engine; plans: PlanStore }>,
  plan: Plan,
  onDrift: (drifted: Drifted) => void,
  signal: AbortSignal,
  onVerified: (file: PlannedFile) => void = () => {},
): Promise<RunCount> {
  const { jobs, queue, events } = engine;
  const flight = createFlight(jobs, engine.planned.release, onVerified);
  const off = events.on((event) => {
    if (event.type === 'job') flight.follow(event.job);
  });
  const drifted = (file: PlannedFile, why: Drift) => {
    plans.setDrift(file.id, why);
    onDrift({ path: file.path, why });
  };
  try {
    await assertThere(plan);
    engine.start(false);
    await nameNew(plan, plans, onDrift, signal);
    for await (const file of inSlices(plans.files(plan.id))) {
      signal.throwIfAborted();
      const before = jobOf(jobs, plan, file);
      if (before?.state.kind === 'verified' && !isOutdated(file, before)) {
        onVerified(file);
        continue;
      }
      await queue.idle(PATIENCE_MS, signal, flight.hasRoom);
      const found = await askDisk(plan, () => look(join(plan.root, file.path)));
      const why = driftOf(file, found, before);
      if (why === 'gone') await assertNotAway(plan);
      if (why !== undefined) drifted(file, why);
      else if (found.kind === 'file') {
        if (file.drift !== undefined) plans.setDrift(file.id, undefined);
        flight.add(file, engine.planned.accept(found.sighting, file.to), before);
      }
      for (const [late, what] of flight.changed()) drifted(late, what);
    }
    await queue.idle(PATIENCE_MS, signal, flight.isEmpty);
    for (const [late, what] of flight.changed()) drifted(late, what);
    return await count(jobs, plans, plan);
  } catch (error) {
    // What was not begun does not go up behind the back of whoever has stopped it.
    if (signal.aborted) await flight.takeBack();
    throw error;
  } finally {
    off();
  }
}

/** The job that sends a planned file to its place, or has sent it. */
export function jobOf(
  jobs: Pick<JobStore, 'ofVersion'>,
  { root }: Pick<Plan, 'root'>,
  file: PlanFile,
): Job | undefined {
  return jobs
    .ofVersion({ ...file, path: join(root, file.path) })
    .findLast(({ destination }) => isSame(destination, file.to));
}

/** By their folders, the numbers of archives' disks as they were seen last: see `ask`. */
const disks = new Map<string, string>();

/** A disk that is away is no archive without files. */
export async function assertThere({ root }: Plan): Promise<void> {
  // Not again under its path: that would lose a thread more, and keep paths on disks that nobody knows from being asked.
  const found = await ask(disks.get(root) ?? root, () => stat(root)).catch(() => undefined);
  if (!found?.isDirectory()) throw new AppError('folder-away', root);
  disks.set(root, String(found.dev));
}

/** A question to its disk, which may not answer. @throws AppError `folder-away` then. */
export async function askDisk<T>(
  { root }: Pick<Plan, 'root'>,
  question: () => Promise<T>,
): Promise<T> {
  try {
    return await ask(disks.get(root) ?? root, question);
  } catch (error) {
    if (!(error instanceof Silence)) throw error;
    throw new AppError('folder-away', root, { cause: error });
  }
}

/** Before one of its files counts as gone: an empty folder is what is left of a disk that is away. */
export async function assertNotAway({ root }: Pick<Plan, 'root'>): Promise<void> {
  const first = await askDisk({ root }, async () => {
    const folder = await opendir(root).catch(() => undefined);
    const entry = await folder?.read();
    await folder?.close();
    return entry;
  });
  if (!first) throw new AppError('folder-away', root);
}

/** @param job What has sent it, or sends it. */
export function driftOf(
  file: PlannedFile,
  found: Awaited<ReturnType<typeof look>>,
  job: Job | undefined,
): Drift | undefined {
  if (found.kind === 'skipped') return found.code === undefined ? 'gone' : 'unreadable';
  const { sizeBytes, mtimeNs, ctimeNs } = found.sighting;
  if (sizeBytes !== file.sizeBytes || mtimeNs !== file.mtimeNs) return 'changed';
  // Not even its change time shows it: its disk keeps none, or is damaged. A person has to look.
  if (isOutdated(file, job) && isReadBefore(file, job) && job?.file?.ctimeNs === ctimeNs)
    return 'changed';
  return undefined;
}

/** What was put back as it was has the object of before, and was read for that. */
function isReadBefore({ checkedAtMs = 0 }: PlannedFile, job: Job | undefined): boolean {
  return job?.state.kind === 'verified' && job.state.verifiedAtMs <= checkedAtMs;
}

/** Files that came to the archive after it was planned: they are not sent. */
export async function nameNew(
  plan: Plan,
  plans: PlanStore,
  onDrift: (drifted: Drifted) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const found of scanArchive(plan.root, signal)) {
    if (found.kind === 'skipped') continue;
    const path = relative(plan.root, found.sighting.path).split(sep).join('/');
    if (!plans.names(plan.id, path)) onDrift({ path, why: 'new' });
  }
}

/** What of a plan is in the queue, and what else waits there that goes first. */
function createFlight(
  jobs: JobStore,
  release: (job: Job) => void,
  onVerified: (file: PlannedFile) => void,
) {
  const ours = new Map<number, PlannedFile>();
  const busy = new Set<number>();
  const others = new Set<number>();
  /** What this run has put into the queue, and nobody has begun. */
  const waiting = new Set<number>();
  const changed: [PlannedFile, Drift][] = [];

  function end(job: Job): void {
    ours.delete(job.id);
    busy.delete(job.id);
    release(job);
  }

  function follow(job: Job): void {
    const { id, state } = job;
    const file = ours.get(id);
    if (state.kind !== 'queued') waiting.delete(id);
    if (file === undefined) {
      if (state.kind === 'queued' && state.code === null) others.add(id);
      else others.delete(id);
      return;
    }
    if (state.kind === 'queued' && state.code === 'file-changed') {
      // Its newer version is not in the plan.
      ours.delete(id);
      changed.push([file, 'changed']);
      busy.delete(id);
      jobs.apply(id, [{ type: 'superseded' }]);
      return;
    }
    if (state.kind === 'failed' && state.code === 'file-gone') changed.push([file, 'gone']);
    if (state.kind === 'verified') onVerified(file);
    if (isOver(state)) end(job);
    else if ('code' in state && state.code !== null) busy.delete(id);
    else busy.add(id);
  }

  return {
    follow,
    add(file: PlannedFile, job: Job, before: Job | undefined): void {
      others.delete(job.id);
      ours.set(job.id, file);
      const isOwn = before?.id !== job.id || canComeBack(before.state);
      if (isOwn && job.folderId === undefined) waiting.add(job.id);
      follow(job);
    },
    hasRoom: () => busy.size < IN_FLIGHT && others.size === 0,
    isEmpty: () => ours.size === 0,
    changed: () => changed.splice(0),
    /** The next run sends them. What waited without this run, too, goes on waiting. */
    takeBack: () =>
      jobs.together(() => {
        for (const id of waiting)
          if (jobs.get(id)?.state.kind === 'queued') jobs.apply(id, [{ type: 'superseded' }]);
      }),
  };
}

function isOver({ kind }: Job['state']): boolean {
  return kind === 'verified' || kind === 'held' || kind === 'failed' || kind === 'dropped';
}

async function count(jobs: JobStore, plans: PlanStore, plan: Plan): Promise<RunCount> {
  const total: RunCount = {
    files: plan.files,
    verified: 0,
    refuted: 0,
    held: 0,
    failed: 0,
    waiting: 0,
    setAside: 0,
    changed: 0,
    gone: 0,
    unreadable: 0,
  };
  for await (const file of inSlices(plans.files(plan.id))) {
    const job = jobOf(jobs, plan, file);
    const fate = fateOf(file, job);
    total[fate === 'verified' && isRefuted(file, job) ? 'refuted' : fate] += 1;
  }
  return total;
}

/** What was sent again since is another object. */
function isRefuted({ verdict, key }: PlannedFile, job: Job | undefined): boolean {
  return (verdict === 'missing' || verdict === 'differing') && key === job?.key;
}

/** Sent, and found to be another one here since. With the size and time of the plan it goes up as it is now. */
export function isOutdated({ verdict, key, place }: PlannedFile, job: Job | undefined): boolean {
  return verdict === 'changed' && key === job?.key && place === 'here';
}

/** What became of a file, by the job that sends it. */
export function fateOf(file: PlannedFile, job: Job | undefined): Fate | 'verified' {
  const { drift } = file;
  const kind = job?.state.kind;
  if (kind === 'held') return kind;
  if (kind === 'verified' && !(drift !== undefined && isOutdated(file, job))) return kind;
  if (drift !== undefined) return drift;
  if (kind === 'failed') return 'failed';
  return job?.state.kind === 'dropped' && job.state.why !== 'superseded' ? 'setAside' : 'waiting';
}
