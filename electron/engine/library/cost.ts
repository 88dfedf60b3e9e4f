/** @file What a bucket holds, added up for its cost: the listing's index, old versions, parts of unfinished uploads. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import pLimit from 'p-limit';
import { AppError } from '#shared/errors.ts';
import { partsClass } from '#shared/cost/cost.ts';
import { addStored, storedTotals, type StoredSums, type StoredView } from '#shared/cost/stored.ts';
import { ASKED_ABREAST, PAGE_KEYS, type Remote, type VersionMark } from '../s3/remote.ts';
import type { ObjectIndex } from '../store/objects.ts';
import { keepsVersions } from './deleted.ts';

/** Rows of a turn of the event loop: some milliseconds. */
const ROWS = 2_000;
/** Pages of the storage for one answer. */
const PAGES = 10;
/** Unfinished uploads whose parts are looked at, one request each; of the others it is said that they are there. */
const UPLOADS = 1_000;
const LISTED = 10_000;

/**
 * As the last listing had it, with what was sent from here since. Asks the storage for nothing.
 *
 * @param place Which storage, as `Remote.place` says: an index that is of another one says nothing of it.
 * @returns `indexedAtMs`: when it was listed, Unix milliseconds; `undefined` for never, and then nothing is counted.
 */
export async function storedNow(
  index: Pick<ObjectIndex, 'after' | 'indexedAtMs'>,
  place: string,
  nowMs: number,
): Promise<Readonly<{ stored: StoredView; indexedAtMs: number | undefined }>> {
  const indexedAtMs = index.indexedAtMs(place);
  const totals = storedTotals(nowMs);
  let last = 0;
  if (indexedAtMs === undefined) return { stored: totals.total(), indexedAtMs };
  for (;;) {
    const rows = index.after(last, ROWS);
    for (const { storageClass, sizeBytes, lastModifiedMs } of rows)
      totals.add(storageClass, sizeBytes, lastModifiedMs);
    const end = rows.at(-1);
    if (end === undefined || rows.length < ROWS) return { stored: totals.total(), indexedAtMs };
    last = end.id;
    await nextTurn();
  }
}

type KeptSums = Readonly<{
  sums: StoredSums;
  /** Versions and deletions that were looked at. */
  looked: number;
  next: VersionMark | undefined;
}>;

/**
 * What is kept below objects, or below deletions: all versions that are not the latest of their key. Some pages of
 * the storage at a time; nothing is listed in a bucket that says that it keeps none. A storage that knows no versions
 * keeps none.
 *
 * @throws AppError `versions-denied`
 */
export async function keptSums(
  remote: Remote,
  from: VersionMark | undefined,
  signal: AbortSignal,
): Promise<KeptSums> {
  const sums: StoredSums = {};
  let looked = 0;
  if (from === undefined && (await keepsVersions(remote, signal)) === 'off')
    return { sums, looked, next: undefined };
  let next = from;
  for (let pages = 0; pages < PAGES; pages += 1) {
    const page = await versionsAt(remote, next, signal);
    for (const { isMarker, isLatest, storageClass, sizeBytes } of page.versions)
      if (!isMarker && !isLatest) addStored(sums, storageClass, sizeBytes);
    looked += page.versions.length;
    next = page.next;
    if (next === undefined) break;
  }
  return { sums, looked, next };
}

/** @throws AppError `versions-denied` */
async function versionsAt(remote: Remote, from: VersionMark | undefined, signal: AbortSignal) {
  try {
    return await remote.listVersions('', PAGE_KEYS, from, signal);
  } catch (error) {
    const isUnknown = error instanceof AppError && error.code === 'not-supported';
    if (isUnknown && from === undefined) return { versions: [], next: undefined };
    throw error;
  }
}

export type UnfinishedSums = Readonly<{
  sums: StoredSums;
  /** Open ones, and how many of them hold what nobody could tell. */
  uploads: number;
  unknown: number;
  /** There may be more. */
  isCutOff: boolean;
}>;

/**
 * Parts of uploads that were never completed, of everybody; also of those that go on.
 *
 * @throws AppError `unfinished-denied`, `not-supported`
 */
export async function unfinishedSums(remote: Remote, signal: AbortSignal): Promise<UnfinishedSums> {
  const { uploads, isWhole } = await remote.listUploads('', LISTED, signal);
  const sums: StoredSums = {};
  const limit = pLimit(ASKED_ABREAST);
  let unknown = Math.max(0, uploads.length - UPLOADS);
  let ended = 0;
  const look = async ({ key, uploadId, storageClass }: (typeof uploads)[number]): Promise<void> => {
    const bytes = await bytesOf(remote, key, uploadId, signal);
    if (bytes === 'ended') ended += 1;
    else if (bytes === undefined) unknown += 1;
    else addStored(sums, partsClass(storageClass), bytes);
  };
  await Promise.all(uploads.slice(0, UPLOADS).map((upload) => limit(look, upload)));
  return { sums, uploads: uploads.length - ended, unknown, isCutOff: !isWhole };
}

/** Of its parts. @returns `undefined` where they may not be listed, or one has no size. */
async function bytesOf(
  remote: Remote,
  key: string,
  uploadId: string,
  signal: AbortSignal,
): Promise<number | 'ended' | undefined> {
  try {
    const parts = await remote.listParts(key, uploadId, signal);
    const sizes = [...(parts?.values() ?? [])].map(({ sizeBytes }) => sizeBytes);
    if (parts === undefined || sizes.some((size) => size < 0)) return undefined;
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if (error instanceof AppError && error.code === 'upload-gone') return 'ended';
    throw error;
  }
}
