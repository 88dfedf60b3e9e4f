/** @file Multipart uploads of ours that nobody needs any more: the storage keeps, and bills, their parts until it is told. */
import pLimit from 'p-limit';
import { AppError } from '#shared/errors.ts';
import { retryDelayMs } from '#shared/retry.ts';
import { DAY_MS } from '#shared/time.ts';
import { crashPoint, isMutant } from '../test-hooks.ts';
import { within } from '../waiting.ts';
import type { Log } from '../log.ts';
import { ASKED_ABREAST, type Remote } from '../s3/remote.ts';
import type { JobStore } from '../store/jobs.ts';
import type { OpenRow, UploadStore } from '../store/uploads.ts';

/** An upload of which no part was sent for this long is ended. Its file, if it is still wanted, is sent anew. */
const IDLE_MS = 7 * DAY_MS;
const ROUND_MS = 10 * 60_000;
const SETTLED_MS = 10_000;
const LISTED = 10_000;
/** Of others' uploads, so many are asked for what they hold, the oldest first, one request each. */
const LOOKED_INTO = 1_000;
/** An account that was refused this often in one round lacks the permission. */
const REFUSALS = 3;

export type Unfinished = Readonly<{
  uploads: readonly UnfinishedUpload[];
  /** What kept us from asking the storage: then only what the ledger knows is listed. */
  trouble: AppError | undefined;
}>;
export type UnfinishedUpload = Readonly<{
  key: string;
  uploadId: string | null;
  ours: boolean;
  /** The storage that holds it, where that is not the one of the settings: only there it can be ended. */
  elsewhere: string | null;
  /** A recording in the queue goes on with it. */
  isNeeded: boolean;
  startedAtMs: number;
  /** `null` where nobody could tell, or it was not asked for. */
  bytes: number | null;
  /** Who began it, of those that are not ours and where the storage says. */
  initiator: string | null;
}>;

type Context = Readonly<{
  remote: Remote;
  jobs: JobStore;
  uploads: UploadStore;
  nowMs: () => number;
  log: Log;
}>;

/**
 * Ends what is owed. What cannot be ended now, because the storage is away or the account may not, stays
 * owed and is tried again. An upload that is not in our ledger is never touched.
 *
 * @returns How many the storage was told of, and what kept us from the rest.
 */
export async function endOwed(
  { remote, jobs, uploads, nowMs, log }: Context,
  signal: AbortSignal,
): Promise<{ ended: number; trouble: AppError | undefined }> {
  uploads.capTimes();
  giveUpIdle(jobs, uploads, nowMs() - IDLE_MS);
  let ended = 0;
  let refusals = 0;
  let trouble: AppError | undefined;
  for (const row of uploads.due(remote.place)) {
    try {
      if (!(await endRow(row))) continue;
      crashPoint('abort-before-commit');
      if (row.endedAtMs === null) ended += 1;
      uploads.ended(row);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      trouble = error;
      uploads.refused(row.id, error.code);
      log('warn', 'An unfinished upload stays behind for now', { key: row.key, error });
      refusals += 1;
      if (error.scope === 'storage' || refusals >= REFUSALS) break;
    }
  }
  return { ended, trouble };

  /** @returns Whether the storage was told; not while an upload may just be beginning at the key. */
  async function endRow({ key, uploadId }: OpenRow): Promise<boolean> {
    if (uploadId !== null) {
      await remote.abortUpload(key, uploadId, signal);
      return true;
    }
    const open = await remote.listUploads(isMutant(14) ? '' : key, LISTED, signal);
    if (uploads.isOpening(key)) return false;
    const needed = neededUploads(jobs, [key]);
    for (const other of open.uploads)
      if ((other.key === key || isMutant(14)) && !needed.has(other.uploadId))
        await remote.abortUpload(other.key, other.uploadId, signal);
    return open.isWhole;
  }
}

function giveUpIdle(jobs: JobStore, uploads: UploadStore, beforeMs: number): void {
  for (const row of uploads.rows()) {
    if (uploads.isDue(row) || row.uploadId === null || row.movedAtMs > beforeMs) continue;
    const job = jobs.withKey(row.key);
    const isNeeded = job !== undefined && neededUploads(jobs, [row.key]).has(row.uploadId);
    if (!isNeeded) uploads.owe(row.key, row.uploadId);
    else if (job.state.kind !== 'uploading') jobs.apply(job.id, [{ type: 'outdated' }]);
  }
}

function neededUploads(jobs: JobStore, keys: readonly string[]): Set<string> {
  const states = keys.flatMap((key) => jobs.withKey(key)?.state ?? []);
  return new Set(
    states.flatMap((state) => ('upload' in state && state.upload ? [state.upload.id] : [])),
  );
}

/**
 * What is open in the bucket: of ours by the ledger, with bytes, and of others, by the storage's list.
 *
 * @param looksIntoOthers Whether it is asked what those of others hold.
 */
export async function listUnfinished(
  { remote, jobs, uploads }: Pick<Context, 'remote' | 'jobs' | 'uploads'>,
  signal: AbortSignal,
  looksIntoOthers = false,
): Promise<Unfinished> {
  const open = uploads.rows().filter(({ endedAtMs }) => endedAtMs === null);
  const elsewhere = open.filter(({ place }) => place !== null && place !== remote.place);
  const rows = open.filter((row) => !elsewhere.includes(row));
  const answer = await remote.listUploads('', LISTED, signal).catch((error: unknown) => {
    if (error instanceof AppError) return error;
    throw error;
  });
  const trouble = answer instanceof AppError ? answer : undefined;
  const listed = answer instanceof AppError ? undefined : answer;
  const named = new Map(rows.flatMap((row) => (row.uploadId ? [[row.uploadId, row]] : [])));
  const unnamed = new Set(rows.flatMap((row) => (row.uploadId ? [] : [row.key])));
  const needed = neededUploads(
    jobs,
    rows.map(({ key }) => key),
  );
  const known = rows
    // What the storage does not list, it does not hold; but a list that was cut off says nothing.
    .filter(
      (row) =>
        listed?.isWhole !== true ||
        listed.uploads.some(({ uploadId }) => uploadId === row.uploadId),
    )
    .map(({ key, uploadId, openedAtMs }) => ({ key, uploadId, startedAtMs: openedAtMs }));
  const others = (listed?.uploads ?? []).filter(({ uploadId }) => !named.has(uploadId));
  const oldest = others.toSorted((a, b) => a.startedAtMs - b.startedAtMs).slice(0, LOOKED_INTO);
  const lookedInto = new Set(looksIntoOthers ? oldest : []);
  const limit = pLimit(ASKED_ABREAST);
  const views: UnfinishedUpload[] = await Promise.all([
    ...known.map((upload) => limit(viewOf, upload, true, null)),
    ...others.map((upload) => {
      const ours = unnamed.has(upload.key);
      return limit(viewOf, upload, ours || lookedInto.has(upload), ours ? null : upload.initiator);
    }),
  ]);
  for (const { key, uploadId, openedAtMs: startedAtMs, place } of elsewhere)
    views.push({
      key,
      uploadId,
      startedAtMs,
      elsewhere: place,
      ours: true,
      isNeeded: false,
      bytes: null,
      initiator: null,
    });
  return { uploads: views, trouble };

  async function viewOf(
    { key, uploadId, startedAtMs }: Pick<UnfinishedUpload, 'key' | 'uploadId' | 'startedAtMs'>,
    isLookedInto: boolean,
    initiator: string | null,
  ): Promise<UnfinishedUpload> {
    const ours = uploadId === null || named.has(uploadId) || unnamed.has(key);
    const bytes = isLookedInto && uploadId !== null ? await bytesOf(key, uploadId) : null;
    const isNeeded = uploadId !== null && needed.has(uploadId);
    return { key, uploadId, startedAtMs, ours, bytes, isNeeded, elsewhere: null, initiator };
  }

  async function bytesOf(key: string, uploadId: string): Promise<number | null> {
    const parts = await remote.listParts(key, uploadId, signal).catch((error: unknown) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
    if (parts) return [...parts.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const job = jobs.withKey(key);
    if (!job) return null;
    return jobs.parts(job.id, uploadId).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }
}

/** Ends what is owed by itself: soon after it is, when the storage is back, and now and then. */
export function createCleanUp(
  context: Context & Readonly<{ isReachable: () => boolean; random: () => number }>,
) {
  const { isReachable, random, log } = context;
  const stopping = new AbortController();
  let isStarted = false;
  let timer: NodeJS.Timeout | undefined;
  /** Rounds in a row in which something could not be ended. */
  let troubles = 0;
  let round: Promise<void> | undefined;
  let isAskedAgain = false;

  function soon(): void {
    if (!isStarted || stopping.signal.aborted) return;
    isAskedAgain = true;
    round ??= rounds().finally(() => {
      round = undefined;
      const again = troubles === 0 ? ROUND_MS : Math.min(ROUND_MS, retryDelayMs(troubles, random));
      clearTimeout(timer);
      timer = setTimeout(soon, again).unref();
    });
  }
  async function rounds(): Promise<void> {
    try {
      while (isAskedAgain && isReachable() && !stopping.signal.aborted) {
        isAskedAgain = false;
        const { trouble } = await endOwed(context, stopping.signal);
        troubles = trouble ? troubles + 1 : 0;
      }
    } catch (error) {
      if (!stopping.signal.aborted)
        log('error', 'Unfinished uploads could not be ended', { error });
    }
  }
  return {
    start(): void {
      isStarted = true;
      soon();
    },
    soon,
    /** Resolves when what is owed was tried, or after some seconds. */
    settled: (): Promise<void> => within(SETTLED_MS, round),
    async stop(): Promise<void> {
      stopping.abort(new Error('stopping'));
      await round;
      clearTimeout(timer);
    },
  };
}
