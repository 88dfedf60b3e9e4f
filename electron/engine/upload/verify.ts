import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { judge, type Verdict } from '#shared/evidence.ts';
import type { JobState } from '#shared/job.ts';
import { isMutant } from '../test-hooks.ts';
import type { Fingerprint } from '../store/jobs.ts';
import { isClosed, isRefusal } from '../s3/refusals.ts';
import type { ObjectInfo, Remote } from '../s3/remote.ts';

const SECOND_LOOK_MS = 500;

export type Sent = Readonly<{ key: string; token: string; fingerprint: Fingerprint }>;

/**
 * Shows that the object is the file: by the full-object checksum that the storage keeps, or, where it
 * keeps none, by reading the object back.
 *
 * @throws AppError `damaged-copy` · `key-taken` for somebody else's object · `upload-gone` when there is
 *   none · `cannot-verify` when the account may not look · `archived-unchecked` when nobody may.
 */
export async function verifyObject(
  remote: Remote,
  sent: Sent,
  signal: AbortSignal,
): Promise<'checksum' | 'read-back'> {
  const { key, fingerprint } = sent;
  const { sizeBytes } = fingerprint;
  try {
    const info = await lookTwice(remote, key, signal);
    if (info === undefined && isMutant(4)) return 'checksum'; // Bug 4, as in work.ts.
    if (info === undefined) throw new AppError('upload-gone', key);
    // Bug 3: the size is proof enough.
    if (isMutant(3) && info.sizeBytes === sizeBytes) return 'checksum';
    const verdict = judgeObject(sent, info);
    if (verdict === 'someone-elses' && isMutant(5)) return 'checksum'; // Bug 5, as in work.ts.
    if (verdict === 'someone-elses') throw new AppError('key-taken', key);
    if (verdict === 'damaged') throw new AppError('damaged-copy', key);
    if (verdict === 'verified') return 'checksum';
    await readBack(remote, info, fingerprint, signal);
    return 'read-back';
  } catch (error) {
    if (isRefusal(error)) throw new AppError('cannot-verify', error.message, { cause: error });
    if (isClosed(error)) throw new AppError('archived-unchecked', error.message, { cause: error });
    throw error;
  }
}

/** How often a storage that took an object must deny having it, at growing intervals, to be believed. */
const ABSENCES = 4;

/** What is sent again for a storage that is only late would be there twice. @param isLeft To a person's decision. */
export async function believed(
  error: unknown,
  state: JobState,
  isLeft: () => Promise<boolean>,
): Promise<unknown> {
  if (!(error instanceof AppError) || error.code !== 'upload-gone') return error;
  // Bug 16: the first "not there" is believed.
  if (!('attempts' in state) || state.attempts >= ABSENCES || isMutant(16))
    return (await isLeft())
      ? new AppError('object-missing', error.message, { cause: error })
      : error;
  return new AppError('not-visible-yet', error.message, { cause: error });
}

/** What a look at an object says of it. */
export function judgeObject(
  { token, fingerprint }: Omit<Sent, 'key'>,
  { sizeBytes, metadata, crc32 }: Pick<ObjectInfo, 'sizeBytes' | 'metadata' | 'crc32'>,
): Verdict {
  const { sha256, upload_token: uploadToken } = metadata;
  return judge({ ...fingerprint, uploadToken: token }, { sizeBytes, sha256, crc32, uploadToken });
}

/** A storage of many machines may not show at once what it has just taken: "not there" is asked again. */
export async function lookTwice(
  remote: Remote,
  key: string,
  signal: AbortSignal,
): Promise<ObjectInfo | undefined> {
  const info = await remote.head(key, signal);
  if (info !== undefined) return info;
  await setTimeout(SECOND_LOOK_MS, undefined, { signal });
  return remote.head(key, signal);
}

/** Reads an object whole. @throws AppError `damaged-copy` when it holds other bytes. */
export async function readBack(
  remote: Remote,
  info: ObjectInfo,
  expected: Fingerprint,
  signal: AbortSignal,
): Promise<void> {
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  const body = await remote.read(info.key, 0, info.etag, signal);
  for await (const piece of body) {
    const bytes = piece as Buffer;
    sizeBytes += bytes.length;
    sha256.update(bytes);
  }
  // A connection that broke off is no evidence of damage: ask again later.
  if (sizeBytes < expected.sizeBytes)
    throw new AppError('offline', `Reading back ended at byte ${sizeBytes}`);
  if (sizeBytes !== expected.sizeBytes || sha256.digest('hex') !== expected.sha256)
    throw new AppError('damaged-copy', info.key);
}
