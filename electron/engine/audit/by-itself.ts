/**
 * @file The storage compared with the list of recordings though nobody asks: what was removed there by mistake can go
 * up again only while its file is still here.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import {
  auditPeriodMs,
  auditPeriods,
  countRefuted,
  countThere,
  type AuditLevel,
  type AuditPeriod,
} from '#shared/audit.ts';
import type { OwnAuditsView } from '#shared/api/ledger.ts';
import { AppError } from '#shared/errors.ts';
import { retryDelayMs } from '#shared/retry.ts';
import { runAudit } from './audit-run.ts';
import type { createEvents } from '../events.ts';
import type { Log } from '../log.ts';
import type { createQueue } from '../queue/queue.ts';
import type { Remote } from '../s3/remote.ts';
import { auditStore } from '../store/audits.ts';
import type { FolderStore } from '../store/folders.ts';
import type { JobStore } from '../store/jobs.ts';
import { objectIndex, type ObjectIndex } from '../store/objects.ts';
import { settingStore } from '../store/settings.ts';
import { unlessAborted } from '../waiting.ts';

const NAME = 'audit_period';
/** So soon after the start, and so often, it is asked whether one is due: some open the app for ten minutes a day. */
const LOOK_MS = 60_000;

const period = (database: Database): AuditPeriod =>
  settingStore(database).getIfReadable(NAME, z.enum(auditPeriods)) ?? 'week';

export const setAuditPeriod = (database: Database, every: AuditPeriod): void =>
  settingStore(database).set(NAME, every);

const storedOf = (jobs: Pick<JobStore, 'tally'>): number =>
  jobs.tally().find(({ kind }) => kind === 'verified')?.count ?? 0;

/** Whether the last listing was of that storage, and named what was sent from here. */
function hasListed(database: Database, objects: ObjectIndex, place: string): boolean {
  const keys = auditStore(database).storedFirstAndLast();
  const isOfIt = objects.indexedAtMs(place) !== undefined;
  return isOfIt && keys.length > 0 && keys.every((key) => objects.get(key) !== undefined);
}

/** What is set, and what one of them asks of the storage. @param place As of `Remote`. */
export function ownAuditsView(
  database: Database,
  jobs: Pick<JobStore, 'tally'>,
  objects: ObjectIndex,
  place: string | undefined,
): OwnAuditsView {
  const clock = auditStore(database).clock();
  const isListed = place !== undefined && objects.indexedAtMs(place) !== undefined;
  const stored = storedOf(jobs);
  const isHere = clock !== undefined && clock.place === place;
  const isOwn = clock ? isHere && !clock.isMixed : isListed && hasListed(database, objects, place);
  return {
    every: period(database),
    objects: isListed ? objects.newest(null, 0, 0).total : stored,
    isListed,
    isElsewhere: place !== undefined && stored > 0 && !isOwn,
    isRefused: isHere && clock.isRefused,
  };
}

type Options = Readonly<{
  database: Database;
  jobs: JobStore;
  folders: FolderStore;
  remote: Remote;
  queue: Pick<ReturnType<typeof createQueue>, 'isPaused' | 'trouble'>;
  events: Pick<ReturnType<typeof createEvents>, 'emit'>;
  rescanMs: number;
  nowMs: () => number;
  monotonicMs: () => number;
  random: () => number;
  log: Log;
}>;

/** One at a time: one that goes by itself makes way for a person's. */
export function createAuditing(options: Options) {
  const { database, jobs, folders, remote, queue, events, nowMs, monotonicMs, random, log } =
    options;
  const store = auditStore(database);
  let timer: NodeJS.Timeout | undefined;
  let own: { cancel: AbortController; ended: Promise<void> } | undefined;
  let asked = 0;
  /** In a row. */
  let troubles = 0;
  let notBeforeMs = -Infinity;
  const context = () => ({ database, jobs, folders: folders.list(), remote });

  /** Nothing is under way, and nothing is due: it takes nothing from uploads, and asks no storage that is away. */
  function isIdle(): boolean {
    if (asked > 0 || queue.isPaused || queue.trouble) return false;
    if ((jobs.nextStartMs() ?? Infinity) <= nowMs()) return false;
    return jobs.tally().every(({ kind }) => kind !== 'uploading' && kind !== 'verifying');
  }

  /** Begins where nothing is stored yet, so that all will be there; else where it is known to be. */
  function clockNow(): ReturnType<typeof store.clock> {
    const { place } = remote;
    const clock = store.clock();
    const isKept =
      storedOf(jobs) === 0
        ? clock?.place === place && !clock.isMixed
        : clock !== undefined || !hasListed(database, objectIndex(database), place);
    if (isKept) return clock;
    store.setClock({ place, fromMs: nowMs(), isRefused: false, isMixed: false });
    return undefined;
  }

  /**
   * In another storage than the recordings were sent to all of them would be missing, and in one of several some: it
   * waits until a person has begun an audit there. The first one ever is a whole period after the first start, so that it surprises nobody.
   */
  function isDue(): boolean {
    const every = period(database);
    if (every === 'off') return false;
    const clock = clockNow();
    if (clock?.place !== remote.place || clock.isMixed || storedOf(jobs) === 0) return false;
    const passedMs = nowMs() - clock.fromMs;
    // A clock that was set back shall not put it off for the difference.
    return passedMs < 0 || passedMs >= auditPeriodMs[every];
  }

  function look(): void {
    try {
      if (queue.isPaused) own?.cancel.abort(new Error('Uploads are paused'));
      if (own || monotonicMs() < notBeforeMs || !isIdle() || !isDue()) return;
    } catch (error) {
      return log('warn', 'Whether an audit is due could not be told', { error });
    }
    const cancel = new AbortController();
    own = { cancel, ended: compare(cancel.signal).finally(() => (own = undefined)) };
  }

  async function compare(signal: AbortSignal): Promise<void> {
    try {
      const by = { ...context(), isByItself: true };
      const { totals } = await runAudit(by, 'list', nowMs, () => {}, signal);
      troubles = 0;
      const refuted = countRefuted(store.refuted());
      events.emit({ type: 'compared', there: countThere(totals), refuted });
    } catch (error) {
      if (signal.aborted) return;
      troubles += 1;
      notBeforeMs = monotonicMs() + retryDelayMs(troubles, random);
      if (troubles === 1) log('info', 'The storage could not be compared', { error });
      if (error instanceof AppError && error.code === 'list-denied') refused();
    }
  }

  /** It stays so until an admin has changed it: asked once in a period, too. */
  function refused(): void {
    try {
      store.setClock({ place: remote.place, fromMs: nowMs(), isRefused: true, isMixed: false });
      events.emit({ type: 'compared', there: 0, refuted: 0, code: 'list-denied' });
    } catch (error) {
      log('warn', 'A refusal could not be noted', { error });
    }
  }

  /** A ledger that cannot be written keeps nothing from going up. */
  function unlessLost(note: () => unknown): void {
    try {
      note();
    } catch (error) {
      log('warn', 'Where recordings are stored could not be noted', { error });
    }
  }

  /** For somebody who asks. @throws as `audit` */
  async function run(
    level: AuditLevel,
    onFinding: Parameters<typeof runAudit>[3],
    signal: AbortSignal,
  ): ReturnType<typeof runAudit> {
    asked += 1;
    try {
      own?.cancel.abort(new Error('A person has begun an audit'));
      if (own) await unlessAborted(own.ended, signal);
      return await runAudit(context(), level, nowMs, onFinding, signal);
    } finally {
      asked -= 1;
    }
  }

  // Also for whoever sends and ends, as `sync` does.
  unlessLost(clockNow);

  return {
    /** An upload begins: it is tried again when nothing is under way. */
    makeWay: () => own?.cancel.abort(new Error('An upload begins')),
    /** A recording was stored: where the clock is of another storage, none has all of them any more. */
    stored(): void {
      unlessLost(() => {
        const clock = store.clock();
        if (clock === undefined || clock.place === remote.place || clock.isMixed) return;
        store.setClock({ ...clock, isMixed: true });
      });
    },
    start(): void {
      timer = setInterval(look, Math.min(LOOK_MS, options.rescanMs)).unref();
    },
    run,
    async stop(): Promise<void> {
      clearInterval(timer);
      own?.cancel.abort(new Error('stopping'));
      await own?.ended;
    },
  };
}
