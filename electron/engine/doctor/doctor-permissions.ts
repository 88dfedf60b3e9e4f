/** @file Which S3 actions the account may do, found by requests that change nothing. */
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { Permission, S3Action } from '#shared/policy.ts';
import type { Probe } from '../s3/probe.ts';
import type { ObjectInfo } from '../s3/remote.ts';

export type Verdict = Readonly<{
  permission: Permission;
  /** What the storage said where that is neither yes nor no. */
  trouble?: AppError;
  /** Why it is unknown, in a person's words. */
  reason?: string;
}>;
export type Verdicts = Readonly<Record<S3Action, Verdict>>;

export type Known = Readonly<{
  list: Verdict;
  isVersioned: boolean | 'unknown';
  /** AWS looks at the permission first. Others say "not there" to everybody who may list the bucket. */
  isAws: boolean;
  /** What a real object of the bucket told, where there is one. */
  reading: Reading;
  /** Told of everything that was made, by a storage against the rules, and could not be removed. */
  onLeftBehind: (key: string) => void;
}>;
export type Reading = Readonly<{ get: Verdict; getVersion: Verdict }>;

const LOOKS_ALIKE =
  'An account that may not list the bucket hears the same of a missing object as of a forbidden one.';
const NOT_LOOKED = 'The storage said "not there" before it looked at the permission.';
export const notRead: Reading = {
  get: { permission: 'unknown', reason: NOT_LOOKED },
  getVersion: { permission: 'unknown', reason: NOT_LOOKED },
};

/**
 * Asks for each action with a key that nobody has.
 *
 * @param key Fresh, in a place where the product writes.
 */
export async function probePermissions(probe: Probe, key: string, known: Known): Promise<Verdicts> {
  const { list, isAws, reading, onLeftBehind } = known;
  const mayList = list.permission === 'allowed';
  const ofMissing = (verdict: Verdict): Verdict => {
    if (verdict.permission === 'denied') return unlessAlike(verdict, mayList);
    return isAws || verdict.permission === 'unknown' ? verdict : notRead.get;
  };
  const get = ofMissing(await verdictOf(() => probe.get(key), ['no-object']));
  const getVersion = ofMissing(await verdictOf(() => probe.get(key, 'null'), ['no-object']));
  const put = await mayPut(probe, key, onLeftBehind);
  const abort = await verdictOf(() => probe.abortUpload(key), ['upload-gone']);
  const isOpenable = put.permission === 'allowed' && abort.permission === 'allowed';
  return {
    's3:ListBucket': list,
    's3:PutObject': put,
    's3:GetObject': better(reading.get, get),
    's3:DeleteObject': await mayDelete(probe, key, known),
    's3:AbortMultipartUpload': abort,
    's3:ListMultipartUploadParts': await mayListParts(probe, key, isOpenable, onLeftBehind),
    's3:ListBucketMultipartUploads': await verdictOf(() => probe.listUploads(), []),
    's3:GetObjectVersion': better(reading.getVersion, getVersion),
    's3:ListBucketVersions': await verdictOf(() => probe.listVersions(), []),
    's3:DeleteObjectVersion': await mayDeleteVersion(probe, key, onLeftBehind),
    's3:RestoreObject': ofMissing(await verdictOf(() => probe.restoreMissing(key), ['no-object'])),
  };
}

/** Reads a real object: the one sure answer about reading. */
export async function readObject(
  probe: Probe,
  key: string,
): Promise<Reading & { info: ObjectInfo | undefined }> {
  let info: ObjectInfo | undefined;
  const look = await verdictOf(async () => (info = await probe.head(key)), []);
  if (info === undefined) return { get: look, getVersion: notRead.getVersion, info };
  // On AWS one permission is for both; elsewhere a link could be made that opens nothing.
  const get = await verdictOf(() => probe.get(key), ['object-archived']);
  const { versionId = 'null' } = info;
  return { get, getVersion: await verdictOf(() => probe.head(key, versionId), []), info };
}

/** The first, unless it says nothing. */
export function better(first: Verdict, second: Verdict): Verdict {
  return first.permission === 'unknown' ? second : first;
}

/**
 * @param meansAllowed Errors that only somebody hears who was let in.
 * @throws What is not the storage's doing, such as an interruption.
 */
export async function verdictOf(
  question: () => Promise<unknown>,
  meansAllowed: readonly ErrorCode[],
): Promise<Verdict> {
  try {
    await question();
    return { permission: 'allowed' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (meansAllowed.includes(error.code)) return { permission: 'allowed' };
    if (error.code === 'access-denied') return { permission: 'denied' };
    const isUnknownThere = error.code === 'not-supported';
    const reason = isUnknownThere ? `${error.title}.` : `${error.title}: ${error.message}`;
    return { permission: 'unknown', trouble: error, reason };
  }
}

function mayPut(probe: Probe, key: string, onLeftBehind: (key: string) => void): Promise<Verdict> {
  return verdictOf(async () => {
    const { versionId } = await probe.putDamaged(key);
    await removeOr(probe, key, versionId, onLeftBehind);
  }, ['damaged-in-transit']);
}

/** With `If-Match: *` first: what is not there is then not deleted, and nothing is marked as deleted either. */
async function mayDelete(
  probe: Probe,
  key: string,
  { list, isVersioned, onLeftBehind }: Known,
): Promise<Verdict> {
  const mayList = list.permission === 'allowed';
  const tryDelete = (isConditional: boolean) =>
    verdictOf(async () => {
      const { markerId } = await probe.deleteMissing(key, isConditional);
      if (markerId !== undefined) await removeOr(probe, key, markerId, onLeftBehind);
    }, ['no-object', 'key-taken']);
  const careful = await tryDelete(true);
  if (careful.permission === 'allowed') return careful;
  if (careful.permission === 'denied' && mayList) return careful;
  // A plain DELETE of a missing key is harmless only where no versions are kept.
  if (isVersioned === false) return tryDelete(false);
  return careful.permission === 'denied' ? unlessAlike(careful, mayList) : careful;
}

/** A storage that overlooks the number would lay a marker, which is removed. */
function mayDeleteVersion(
  probe: Probe,
  key: string,
  onLeftBehind: (key: string) => void,
): Promise<Verdict> {
  return verdictOf(async () => {
    const { markerId } = await probe.deleteMissingVersion(key);
    if (markerId !== undefined) await removeOr(probe, key, markerId, onLeftBehind);
  }, []);
}

/** An upload that nobody has, or, where the storage does not look at the permission then, one of our own. */
async function mayListParts(
  probe: Probe,
  key: string,
  isOpenable: boolean,
  onLeftBehind: (key: string) => void,
): Promise<Verdict> {
  const verdict = await verdictOf(() => probe.listParts(key), ['upload-gone']);
  if (verdict.trouble?.code !== 'no-object') return verdict;
  if (!isOpenable) return { permission: 'unknown', reason: NOT_LOOKED };
  return verdictOf(async () => {
    const uploadId = await probe.openUpload(key);
    try {
      await probe.listParts(key, uploadId);
    } finally {
      await unless(() => probe.abortUpload(key, uploadId), key, onLeftBehind);
    }
  }, []);
}

function unlessAlike(verdict: Verdict, mayList: boolean): Verdict {
  if (verdict.permission !== 'denied' || mayList) return verdict;
  return { permission: 'unknown', reason: LOOKS_ALIKE };
}

/** Removes what a test wrote; `onLeftBehind` when that fails. Never throws for the storage's refusal. */
export function removeOr(
  probe: Probe,
  key: string,
  versionId: string | undefined,
  onLeftBehind: (key: string) => void,
): Promise<void> {
  return unless(() => probe.remove(key, versionId), key, onLeftBehind);
}

async function unless(
  remove: () => Promise<unknown>,
  key: string,
  onLeftBehind: (key: string) => void,
): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    onLeftBehind(key);
  }
}
