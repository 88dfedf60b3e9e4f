/** @file The way back from a deletion: the marker over an object is taken away, and nothing else ever is. */
import type { Database } from 'better-sqlite3';
import pLimit from 'p-limit';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { JobEvent } from '#shared/job.ts';
import { parseObjectKey } from '#shared/recording.ts';
import { isDropped } from '../queue/known-jobs.ts';
import { isRefusal } from '../s3/refusals.ts';
import type { ObjectInfo, Remote } from '../s3/remote.ts';
import { historyStore, type HistoryStore } from '../store/history.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import { linkStore, type LinkStore } from '../store/links.ts';
import { objectIndex, type ObjectIndex } from '../store/objects.ts';
import { removalStore, returnStore, type AskedStore } from '../store/returns.ts';
import { isMutant } from '../test-hooks.ts';
import { shareAgain } from '../upload/twins.ts';
import { judgeObject, lookTwice } from '../upload/verify.ts';
import { HEARD_MS, mayBeDone, outlasting } from './objects.ts';
import { deletedObject, hasOwnNumber, type DeletedObject } from './deleted.ts';

const ABREAST = 8;
/** Whoever deletes what is deleted lays another marker over it. */
const MARKERS = 100;

export type Ledger = Readonly<{
  jobs: JobStore;
  links: LinkStore;
  objects: ObjectIndex;
  history: HistoryStore;
  returns: AskedStore;
  removals: AskedStore;
  nowMs: () => number;
}>;

export const ledgerOf = (database: Database, jobs: JobStore, nowMs: () => number): Ledger => ({
  jobs,
  links: linkStore(database),
  objects: objectIndex(database),
  history: historyStore(database, nowMs),
  returns: returnStore(database),
  removals: removalStore(database),
  nowMs,
});

/**
 * Brings a deleted object back. The storage is asked right before each marker is taken away, by its number, which
 * no version with bytes ever has. The index then has the object again, its links work until they end, and the
 * ledger counts it as stored: as verified where the storage's own checksum shows it, else once it was looked at.
 * Nothing is sent. Of what is there already, the ledger alone is put right.
 *
 * @param signal Ends it before a marker is taken away. What came back is noted as such all the same.
 * @returns Whether a marker was taken away.
 * @throws AppError `nothing-kept` · `only-in-console` · `versions-denied` · `bring-back-denied` · `read-denied`
 */
export async function bringBack(
  remote: Remote,
  ledger: Ledger,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted();
  using later = outlasting(signal, HEARD_MS);
  let removed: DeletedObject | undefined;
  for (let markers = 0; markers < MARKERS; markers += 1) {
    const looked = deletedObject(remote, key, later.signal);
    const found = await (removed ? looked.catch(unheard(ledger, key, remote.place)) : looked);
    if (found === undefined) break;
    // Bug 24: every marker is taken away, also one whose number a recording may have.
    if (!hasOwnNumber(found) && !isMutant(24)) throw new AppError('only-in-console', key);
    if (removed === undefined) {
      signal.throwIfAborted();
      await ledger.jobs.together(() => ledger.returns.begin(key, remote.place, ledger.nowMs()));
    }
    await takeAway(remote, ledger, found, later.signal);
    removed = found;
  }
  // They work from now on, whatever is heard next.
  if (removed) ledger.links.revive(key, remote.place);
  // A storage of many machines may show it a little later.
  const look = removed ? lookTwice(remote, key, later.signal) : remote.head(key, later.signal);
  const info = await look.catch((error: unknown) => {
    // Who may not look has brought it back all the same.
    if (removed && isRefusal(error)) return { ...removed, lastModifiedMs: removed.storedAtMs };
    throw error;
  });
  if (info === undefined) throw new AppError('nothing-kept', key);
  await noteReturn(ledger, info, remote.place);
  return removed !== undefined;
}

/** Takes a marker away, by its number. When the answer was lost the storage is asked, not guessed for. */
async function takeAway(
  remote: Remote,
  ledger: Ledger,
  { key, markerId }: DeletedObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await remote.removeMarker(key, markerId, signal);
  } catch (error) {
    if (!mayBeDone(error)) {
      ledger.returns.end(key, remote.place);
      throw error;
    }
    const now = await deletedObject(remote, key, signal).catch(unheard(ledger, key, remote.place));
    if (now?.markerId === markerId) throw error;
  }
}

/** Whether it is back was not heard: what may work again is not called dead. */
const unheard =
  ({ links }: Ledger, key: string, place: string) =>
  (error: unknown) => {
    links.revive(key, place);
    throw error;
  };

/**
 * What was brought back elsewhere is noted as it is here, for a job that is dropped as deleted and whose own object
 * is at its key again. Where the storage cannot be asked, or does not answer in time, nothing is noted.
 */
export async function noteIfBack(
  remote: Remote,
  ledger: Ledger,
  { key, token, fingerprint }: Job,
  signal: AbortSignal,
): Promise<void> {
  if (key === undefined || fingerprint === undefined) return;
  const info = await lookTwice(remote, key, signal).catch(() => undefined);
  const verdict = info && judgeObject({ token, fingerprint }, info);
  if (info && (verdict === 'verified' || verdict === 'read-back-needed'))
    await noteReturn(ledger, info, remote.place);
}

type Seen = Pick<ObjectInfo, 'key' | 'sizeBytes' | 'lastModifiedMs'> & Partial<ObjectInfo>;

/** Of an object that is there again: a deletion that was asked for before, and not heard of, is over. */
export async function noteReturn(
  { jobs, links, objects, history, returns, removals, nowMs }: Ledger,
  info: Seen,
  place: string,
): Promise<void> {
  const { key, sizeBytes, lastModifiedMs, storageClass = null } = info;
  const name = info.metadata?.['original_filename'] || objects.nameOf(key);
  const isNews = objects.get(key) === undefined;
  links.revive(key, place);
  const back = await jobs.together(() => {
    const askedAtMs = returns.begunAtMs(key, place) ?? nowMs();
    // If it is gone later, that was not this deletion.
    if ((removals.begunAtMs(key, place) ?? Infinity) <= askedAtMs) removals.end(key, place);
    returns.end(key, place);
    return jobs.ofObject(key).filter((job) => {
      const events = returned(job, info, nowMs());
      if (events.length === 0) return false;
      const now = jobs.apply(job.id, events);
      if (now.state.kind === 'verified') shareAgain(jobs, now, nowMs());
      return true;
    });
  });
  if (back.length === 0 && isNews) {
    const owner = parseObjectKey(key);
    const classId = owner?.kind === 'audio' ? owner.ownerId : undefined;
    history.add({ kind: 'returned', name: name ?? key, classId });
  }
  // A cache: where it cannot be written, the next listing has it.
  await objects.add({ key, sizeBytes, lastModifiedMs, storageClass, name }).catch(() => {});
}

/**
 * None for a job whose own object it is not: its file stays what it was. One whose object is damaged is found out by
 * the queue, which sends its file again: who brings a recording back wants it there whole.
 */
function returned(job: Job, { metadata, crc32, ...info }: Seen, atMs: number): JobEvent[] {
  const { token, fingerprint } = job;
  if (!isDropped(job, 'deleted') || !fingerprint || !metadata) return [];
  const verdict = judgeObject({ token, fingerprint }, { ...info, metadata, crc32 });
  if (verdict === 'someone-elses') return [];
  const back: JobEvent = { type: 'returned', atMs };
  return verdict === 'verified'
    ? [back, { type: 'claimed' }, { type: 'verified', proof: 'checksum', atMs }]
    : [back];
}

export type Returned = Readonly<{
  restored: readonly string[];
  /** Whether a marker was taken away for any of them: then this account may do so. */
  isAllowed: boolean;
  failed: readonly Readonly<{ key: string; code: ErrorCode }>[];
  /** Not asked for any more: a person has stopped it. */
  left: readonly string[];
}>;

/**
 * Several, a few at a time; each failure is told beside what is back. Trouble with the whole storage ends it.
 *
 * @throws AppError what kept the only one, or the first before any was brought back, where it would be the same for all.
 */
export async function bringAllBack(
  remote: Remote,
  ledger: Ledger,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<Returned> {
  const limit = pLimit(ABREAST);
  const restored: string[] = [];
  const failed: { key: string; code: ErrorCode }[] = [];
  const left: string[] = [];
  let isAllowed = false;
  let trouble: AppError | undefined;
  const once = async (key: string): Promise<void> => {
    if (signal.aborted) return void left.push(key);
    if (trouble) return void failed.push({ key, code: trouble.code });
    try {
      if (await bringBack(remote, ledger, key, signal)) isAllowed = true;
      restored.push(key);
    } catch (error) {
      if (signal.aborted) return void left.push(key);
      if (!(error instanceof AppError)) throw error;
      if (isOfAll(error)) trouble ??= error;
      failed.push({ key, code: error.code });
      if (keys.length === 1) trouble = error;
    }
    return undefined;
  };
  await Promise.all([...new Set(keys)].map((key) => limit(once, key)));
  if (trouble && restored.length === 0) throw trouble;
  return { restored, isAllowed, failed, left };
}

/** What is so for every other one, too. */
const isOfAll = ({ code, scope }: AppError): boolean =>
  scope === 'storage' || code === 'versions-denied' || code === 'bring-back-denied';
