/** @file The engine: a plain Node library with three hosts (Electron, command line, tests). */
import type { Database } from 'better-sqlite3';
import { AppError } from '#shared/errors.ts';
import { createAuditing } from './audit/by-itself.ts';
import { createAdoption } from './upload/adoption.ts';
import type { AheadOf } from './watch/ahead.ts';
import { createDecisions } from './queue/decisions.ts';
import { createEvents, createProgressLimit } from './events.ts';
import { createIntake } from './queue/intake.ts';
import { createReturns } from './library/returns.ts';
import { createHook, type HookTimes } from './hook.ts';
import { createHandUpload } from './queue/hand-upload.ts';
import { createQueue } from './queue/queue.ts';
import { createRules } from './queue/rules.ts';
import { createRowCheck } from './home/row-check.ts';
import { createSpace, whereRoom, withoutDiskFull } from './queue/space.ts';
import { assertWatchable } from './watch/watchable.ts';
import { createStory } from './story.ts';
import { createWatching } from './watch/watching.ts';
import { createCleanUp } from './upload/unfinished.ts';
import { whyUnread } from './watch/missing.ts';
import { createPresence } from './watch/presence.ts';
import { syncOnce } from './sync-once.ts';
import { createScanner } from './virus/virus-scan.ts';
import { createShared } from './upload/shared.ts';
import { runJob } from './upload/work.ts';
import type { Sighting } from './watch/scan.ts';
import type { Destination } from '#shared/recording.ts';
import { within } from './waiting.ts';
import type { Log } from './log.ts';
import type { Remote } from './s3/remote.ts';
import { folderStore, type Folder, type FolderIdentity, type FolderRule } from './store/folders.ts';
import { historyStore } from './store/history.ts';
import { jobStore, type Job } from './store/jobs.ts';
import { takenInStore } from './store/taken-in.ts';
import { uploadStore } from './store/uploads.ts';

/** Files at a time. */
const WIDTH = { small: 512, large: 4 } as const;
/** `stop` leaves everything resumable within this time, whatever the network does. */
const STOP_MS = 4_500;

export type EngineOptions = Readonly<{
  database: Database;
  remote: Remote;
  /** Must not hold recordings: it is refused as a watched folder. */
  homePath: string;
  clientVersion: string;
  quietMs: number;
  /** As in `SettleOptions`. */
  graceMs?: number | undefined;
  rescanMs: number;
  /** The program that is told what became of recordings, as the environment has it. */
  hook?: string | undefined;
  hookTimes?: Partial<HookTimes> | undefined;
  nowMs: () => number;
  monotonicMs: () => number;
  random: () => number;
  log: Log;
}>;

export type Engine = ReturnType<typeof openEngine>;

export function openEngine(options: EngineOptions) {
  const { database, remote, quietMs, rescanMs, nowMs, monotonicMs, random, log } = options;
  const events = createEvents((error) => log('error', 'A listener failed', { error }));
  const history = historyStore(database, nowMs);
  events.on(createStory(history));
  const mayPass = createProgressLimit(monotonicMs);
  const jobs = jobStore(
    database,
    nowMs,
    (job) => {
      if (mayPass(job)) events.emit({ type: 'job', job });
    },
    () => cleanUp.soon(),
  );
  const uploads = uploadStore(database, nowMs);
  const folders = folderStore(database, nowMs);
  const space = createSpace({
    path: options.homePath,
    monotonicMs,
    onChange: (isLow) => events.emit({ type: 'disk', isLow }),
  });
  const takenIn = takenInStore(database);
  const intake = createIntake(jobs, nowMs, takenIn.placeOf, remote.place);
  const rules = createRules({ jobs, folders, intake });
  const cleanUp = createCleanUp({
    remote,
    jobs,
    uploads,
    nowMs,
    random,
    log,
    isReachable: () => queue.trouble === undefined,
  });
  const adoption = createAdoption({
    database,
    jobs,
    remote,
    nowMs,
    onChange: () => events.emit({ type: 'ledger' }),
  });
  const presence = createPresence(folders, jobs, () => watching.presenceChanged());
  const scanner = createScanner({
    database,
    nowMs,
    monotonicMs,
    onTrouble: (trouble) => {
      events.emit({ type: 'scanner', code: trouble?.code, detail: trouble?.message });
      log(trouble ? 'warn' : 'info', 'The virus scanner', { error: trouble });
    },
  });
  const folderOf = ({ folderId }: Job) => folders.get(folderId);
  const work = {
    jobs,
    uploads,
    remote,
    ...createShared(monotonicMs, (jobId) => events.emit({ type: 'on-the-way', jobId })),
    ahead: { take: (...of: Parameters<AheadOf['take']>) => watching.ahead.take(...of) },
    adoption,
    scanner,
    nowMs,
    clientVersion: options.clientVersion,
    wasRemoved: (key: string, signal: AbortSignal) => returns.wasRemoved(key, signal),
    onOwed: () => cleanUp.soon(),
    onReached: () => queue.reached(),
  };
  const queue = createQueue({
    jobs,
    width: WIDTH,
    nowMs,
    monotonicMs,
    random,
    run: async (job, signal) => {
      auditing.makeWay();
      await runJob(work, job, signal).catch(async (error: unknown) => {
        const folder = folderOf(job);
        const absences = () => jobs.get(job.id)?.absences ?? 0;
        const around = folders.around(job.path);
        const why = await whyUnread(error, { job, folder, around }, presence, absences);
        if (folder && why instanceof AppError && why.code === 'file-away') watching.rescan(folder);
        throw why;
      });
      auditing.stored();
    },
    onSuperseded: (job) => {
      const folder = folderOf(job);
      if (folder) watching.recheck(folder, job.path);
      else handUpload.takeAgain(job);
    },
    onStorage: (state, trouble) => {
      if (state === 'reachable') cleanUp.soon();
      events.emit({ type: 'storage', state, ...trouble });
      if (trouble) log('warn', 'The storage is in trouble', { ...trouble });
      else if (state === 'reachable') log('info', 'The storage is back');
      else log('info', 'Nothing waits for the storage any more');
    },
    onError: ({ id, path, key }, error, code) =>
      log('warn', 'An upload failed', { job: id, path, key, code, error }),
  });
  const watching = createWatching({
    folders,
    jobs,
    presence,
    homePath: options.homePath,
    intake: whereRoom(intake, space),
    onMoved: (job, follow) => queue.change([job.id], follow),
    quietMs,
    graceMs: options.graceMs,
    nowMs,
    rescanMs,
    monotonicMs,
    isPaused: () => queue.isPaused,
    emit: (event) => events.emit(event),
    onWork: () => queue.soon(),
    log: withoutDiskFull(log),
  });
  const handUpload = createHandUpload({
    ...options,
    jobs,
    takenIn,
    space,
    intake,
    queue,
    events,
    ahead: watching.ahead,
  });
  const rowCheck = createRowCheck(database, log);
  const own = { ...options, queue, goByRule: rules.again };
  const returns = createReturns(own, jobs, () => queue.soon());
  const hook = createHook({ ...options, jobs, events });
  const auditing = createAuditing({ ...options, jobs, folders, queue, events });
  const recovered = jobs.recover();
  if (recovered.length > 0) {
    log('info', 'Resuming after an unexpected stop', { jobs: recovered.length });
    history.add({ kind: 'resumed', number: recovered.length });
  }

  return {
    events,
    jobs,
    decisions: createDecisions({ jobs, intake, folders, nowMs, queue }),
    queue,
    hook,
    presence,
    settling: () => handUpload.settling(watching),
    leftOuts: watching.leftOuts,
    lookAgain: () => watching.lookAgain(),
    foldersChanged: () => watching.foldersChanged(),
    /** Why recordings wait for the virus scanner. */
    scannerTrouble: () => scanner.trouble(),
    /** Whether new recordings wait for space on the home's disk. */
    isDiskLow: () => space.isLow(),
    /** What the ledger does not show: files that are settling or cannot be looked at, folders that are away. */
    outside: () => handUpload.outside(watching),
    takeIn: handUpload.takeIn,
    audit: auditing.run,
    /** Whether a deletion in the storage was done is asked for while this runs, not only at its next start. */
    deletionUnheard: returns.again,
    /** Bytes of a job that have left for the storage, and are not acknowledged. */
    onTheWay: work.onTheWay.of,

    /**
     * Watches a folder, or gives a watched one a new rule.
     *
     * @throws AppError `bad-folder` when it is missing, inside another one, around one, or holds the home.
     */
    async addFolder(path: string, rule: FolderRule, known?: FolderIdentity): Promise<Folder> {
      const place = await assertWatchable(path, folders, options.homePath, known);
      const misrouted = rules.misrouted(place.path, rule);
      const folder = await queue.change(misrouted, () => rules.put(place, rule));
      watching.foldersChanged();
      return folder;
    },

    /** Watches until `stop`. @param stays False for a verb that ends when its work is done. */
    start(stays = true): void {
      queue.start();
      cleanUp.start();
      watching.start();
      void handUpload.goOn();
      rowCheck.start();
      if (stays) for (const part of [hook, auditing]) part.start();
      void returns.settle();
    },

    /** What waits for its next attempt does so no longer: what was in its way may have been put right. */
    tryAgain(): void {
      jobs.bringForward(nowMs(), nowMs());
      queue.pump();
    },

    /** The computer has slept: folders and storage may be others than before. */
    woke(): void {
      queue.tryNow();
      watching.lookAgain();
    },

    syncOnce: (signal: AbortSignal) =>
      syncOnce({ ...options, jobs, queue, watching, handUpload, cleanUp, returns, events }, signal),

    /** Files of an archive. A version that is newer than the planned one is not sent, until it is released. */
    planned: {
      accept(sighting: Sighting, to: Destination): Job {
        space.assertRoom();
        handUpload.leave(sighting.path);
        const job = intake.acceptPlanned(sighting, to);
        queue.pump();
        return jobs.get(job.id) ?? job;
      },
      release: ({ path }: Job): void => handUpload.takeBack(path),
    },

    /** Uploads these files now; see `createHandUpload`. */
    async uploadNow(...args: Parameters<typeof handUpload.uploadNow>) {
      cleanUp.start();
      try {
        return await handUpload.uploadNow(...args);
      } finally {
        await cleanUp.settled();
      }
    },

    /** Ends within 5 s; every running job goes back to the queue, resumable. Calling it twice is harmless. */
    async stop(): Promise<void> {
      adoption.stop();
      rowCheck.stop();
      handUpload.stop();
      const parts = [queue, watching, cleanUp, returns, hook, auditing];
      await within(STOP_MS, Promise.all(parts.map((part) => part.stop())));
      work.smallFiles[Symbol.dispose]();
    },
  };
}
