/** @file What was deleted in a bucket that keeps versions: a marker lies over the object, which is still there below. */
import pLimit from 'p-limit';
import { AppError } from '#shared/errors.ts';
import { isRefusal } from '../s3/refusals.ts';
import {
  ASKED_ABREAST,
  PAGE_KEYS,
  type ListedVersion,
  type Remote,
  type VersionMark,
  type Versioning,
} from '../s3/remote.ts';

/** Its latest version, and the marker over it. Times in Unix milliseconds, as the storage noted them. */
export type DeletedObject = Readonly<{
  key: string;
  sizeBytes: number;
  storedAtMs: number;
  deletedAtMs: number;
  versionId: string;
  markerId: string;
}>;
type DeletedPage = Readonly<{
  deleted: readonly DeletedObject[];
  /** Versions and markers that were looked at. */
  looked: number;
  next: VersionMark | undefined;
}>;

/** A bucket with suspended versioning gives this number to whatever is written or deleted, again and again. */
export const hasOwnNumber = ({ markerId }: DeletedObject): boolean => markerId !== 'null';

/**
 * What is deleted below a prefix and still kept, in the order of keys. A page of the storage at a time, or as many
 * as the versions of one key take: no more is in memory. A marker under which nothing is left is none of it.
 *
 * @throws AppError `versions-denied`, `not-supported`
 */
export async function deletedPage(
  remote: Remote,
  prefix: string,
  from: VersionMark | undefined,
  signal: AbortSignal,
): Promise<DeletedPage> {
  const deleted: DeletedObject[] = [];
  let looked = 0;
  let next = from;
  /** Whose versions begin on the next page. */
  let open: ListedVersion | undefined;
  do {
    const page = await remote.listVersions(prefix, PAGE_KEYS, next, signal);
    const newest = new Map<string, ListedVersion>();
    for (const version of page.versions)
      if (!version.isMarker && !newest.has(version.key)) newest.set(version.key, version);
    const markers = page.versions.filter(({ isMarker, isLatest }) => isMarker && isLatest);
    const asked: ListedVersion[] = open ? [open, ...markers] : markers;
    open = undefined;
    for (const marker of asked) {
      const below = newest.get(marker.key);
      if (below) deleted.push(toDeleted(marker, below));
      else if (page.next?.key === marker.key) open = marker;
    }
    looked += page.versions.length;
    next = page.next;
  } while (open !== undefined && next !== undefined);
  return { deleted, looked, next };
}

const toDeleted = (marker: ListedVersion, below: ListedVersion): DeletedObject => ({
  key: below.key,
  sizeBytes: below.sizeBytes,
  storedAtMs: below.lastModifiedMs,
  deletedAtMs: marker.lastModifiedMs,
  versionId: below.versionId,
  markerId: marker.versionId,
});

/**
 * Pages until there is enough to show, or enough was looked at for one answer.
 *
 * @param enough Of deleted ones; a page may bring more.
 * @param pages Of the storage, at most.
 */
export async function someDeleted(
  remote: Remote,
  prefix: string,
  from: VersionMark | undefined,
  { enough, pages }: Readonly<{ enough: number; pages: number }>,
  signal: AbortSignal,
): Promise<DeletedPage> {
  const deleted: DeletedObject[] = [];
  let looked = 0;
  let next = from;
  for (let asked = 0; asked < pages; asked += 1) {
    const page = await deletedPage(remote, prefix, next, signal);
    deleted.push(...page.deleted);
    looked += page.looked;
    next = page.next;
    if (next === undefined || deleted.length >= enough) break;
  }
  return { deleted, looked, next };
}

/** @returns `undefined` for what is not deleted, or not kept any more. */
export async function deletedObject(
  remote: Remote,
  key: string,
  signal: AbortSignal,
): Promise<DeletedObject | undefined> {
  // The key itself comes before all that only begin with it.
  const { deleted } = await deletedPage(remote, key, undefined, signal);
  return deleted.find((one) => one.key === key);
}

/**
 * Whether a marker lies over it: somebody deleted it.
 *
 * @returns `false`, too, where this account may not see markers, or there are none.
 * @throws AppError trouble of the storage
 */
export async function wasDeleted(
  remote: Remote,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  const marker = await deletedObject(remote, key, signal).catch((error: unknown) => {
    if (error instanceof AppError && error.scope !== 'storage') return undefined;
    throw error;
  });
  return marker !== undefined;
}

/**
 * Whether this account may list what is deleted.
 *
 * @throws AppError trouble of the storage
 */
export async function maySeeDeleted(
  remote: Remote,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await remote.listVersions(key, 1, undefined, signal);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.scope !== 'storage') return false;
    throw error;
  }
}

/** Whether the bucket keeps what is deleted; `unknown` where that cannot be seen. */
export async function keepsVersions(
  remote: Remote,
  signal: AbortSignal,
): Promise<Versioning | 'unknown'> {
  return remote.versioning(signal).catch((error: unknown) => {
    const isUnseen = error instanceof AppError && error.code === 'not-supported';
    if (isUnseen || isRefusal(error)) return 'unknown' as const;
    throw error;
  });
}

/**
 * Their human names, by key: as the ledger knows them, else as they were stored with. An account that may not
 * read old versions gets those of the ledger.
 */
export async function deletedNames(
  remote: Remote,
  nameOf: (key: string) => string | null,
  deleted: readonly DeletedObject[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const limit = pLimit(ASKED_ABREAST);
  const names = new Map<string, string>();
  let isRefused = false;
  const learn = async ({ key, versionId }: DeletedObject): Promise<void> => {
    const known = nameOf(key);
    if (known !== null) names.set(key, known);
    if (known !== null || isRefused) return;
    try {
      const info = await remote.headVersion(key, versionId, signal);
      const name = info?.metadata['original_filename'];
      if (name) names.set(key, name);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      isRefused = true;
    }
  };
  await Promise.all(deleted.map((one) => limit(learn, one)));
  return names;
}
