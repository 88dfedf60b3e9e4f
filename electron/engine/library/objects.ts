import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { mayBeDeleted } from '#shared/job.ts';
import { isOpen, type Readability } from '#shared/restore.ts';
import { findObject } from '../s3/find.ts';
import { isClosed, isRefusal } from '../s3/refusals.ts';
import type { ListedObject, ObjectInfo, Remote } from '../s3/remote.ts';
import type { createQueue } from '../queue/queue.ts';
import { mustBeFree } from '../school/school.ts';
import type { JobStore } from '../store/jobs.ts';
import type { LinkStore } from '../store/links.ts';
import type { ObjectIndex } from '../store/objects.ts';
import type { AskedStore } from '../store/returns.ts';
import { crashPoint } from '../test-hooks.ts';
import { lookTwice } from '../upload/verify.ts';

/** An object of a listing, as the command line and the REST routes show it. */
export function listed(
  { key, sizeBytes, lastModifiedMs, storageClass }: ListedObject,
  name: string | null,
) {
  const lastModified = new Date(lastModifiedMs).toISOString();
  return { key, sizeBytes, lastModified, storageClass, ...(name === null ? {} : { name }) };
}

/** All that the storage says of an object, likewise; `null` for what it does not keep. */
export function objectFacts(info: ObjectInfo) {
  const { key, sizeBytes, contentType = null, metadata, crc32, encryption, kmsKeyId } = info;
  const { storageClass = 'STANDARD', versionId, readability } = info;
  const checksum =
    crc32 === undefined ? null : { type: 'CRC32', value: crc32.toString(16).padStart(8, '0') };
  return {
    key,
    sizeBytes,
    contentType,
    metadata,
    checksum,
    storageClass,
    ...readabilityFacts(readability),
    encryption,
    kmsKeyId,
    versionId,
  };
}

/** Whether it can be read, likewise, and until when where that ends. */
export function readabilityFacts(readability: Readability) {
  const { kind } = readability;
  const readableUntil =
    kind === 'restored' ? new Date(readability.untilMs).toISOString() : undefined;
  return {
    readability: kind,
    ...(kind !== 'readable' && { archive: readability.archive }),
    ...(readableUntil !== undefined && { readableUntil }),
  };
}

/** What HEAD says of an object, and whether it can be read. @throws AppError `no-object` */
export async function mustLook(
  remote: Remote,
  key: string,
  signal: AbortSignal,
): Promise<ObjectInfo> {
  const info = await mustHead(remote, key, signal);
  return { ...info, readability: await readabilityNow(remote, info, signal) };
}

/** @throws AppError `no-object` */
export async function mustHead(
  remote: Remote,
  key: string,
  signal: AbortSignal,
): Promise<ObjectInfo> {
  const info = await findObject(remote, key, signal);
  if (info === undefined) throw new AppError('no-object', key);
  return info;
}

/**
 * A window names only what it was shown: an object of a listing, of an upload or of a link.
 *
 * @throws AppError `no-object`
 */
export function assertKnown(
  { jobs, links, objects, remote }: Ledger & Readonly<{ remote: Remote | undefined }>,
  key: string,
): void {
  const hasLink = () => remote !== undefined && links.has(key, remote.place);
  const isKnown = objects.get(key) || jobs.ofObject(key).length > 0 || hasLink();
  if (!isKnown) throw new AppError('no-object', key);
}

/**
 * Whether an object can be read now. Of one that is in an archive by its names, one byte is asked for: not
 * every storage means by them what AWS does.
 *
 * @throws AppError `object-archived` when it has to be restored first, `object-restoring` while it is.
 */
export async function assertOpens(
  remote: Remote,
  { readability, key, sizeBytes, etag }: ObjectInfo,
  signal: AbortSignal,
): Promise<void> {
  if (isOpen(readability)) return;
  try {
    const body = await remote.read(key, Math.max(0, sizeBytes - 1), etag, signal);
    if (body instanceof Readable) body.destroy();
  } catch (error) {
    throw readability.kind === 'restoring' && isClosed(error)
      ? new AppError('object-restoring', key)
      : error;
  }
}

/**
 * Whether an object can be read, as far as the storage shows it: where this account may not, as its names say.
 *
 * @throws AppError as reading; that the storage has trouble says nothing about archives.
 */
async function readabilityNow(
  remote: Remote,
  info: ObjectInfo,
  signal: AbortSignal,
): Promise<Readability> {
  try {
    await assertOpens(remote, info, signal);
    return isOpen(info.readability) ? info.readability : { kind: 'readable' };
  } catch (error) {
    if (isClosed(error) || isRefusal(error)) return info.readability;
    throw error;
  }
}

export type Stopping = Pick<ReturnType<typeof createQueue>, 'change'>;
type Ledger = Readonly<{ jobs: JobStore; links: LinkStore; objects: ObjectIndex }>;
type Deleting = Ledger & Readonly<{ removals: AskedStore }>;

/** How long the answer to a deletion, or to the way back, is waited for when nobody waits for it any more. */
export const HEARD_MS = 4_000;

/**
 * Deletes an object that is there. Its links are dead from then on, the index forgets it, and the ledger
 * does not call it verified any more; the file on this computer stays. What a kill leaves unsaid of it, the next
 * start asks for.
 *
 * @param signal Ends it before it is begun. What was asked to be deleted is noted as such all the same.
 * @throws AppError `no-object`: a mistyped key deletes nothing · as `mustBeFree`
 */
export async function removeObject(
  remote: Remote,
  { queue, ...ledger }: Deleting & Readonly<{ queue?: Stopping | undefined }>,
  key: string,
  atMs: number,
  signal: AbortSignal,
): Promise<{ recoverable: boolean }> {
  const { jobs, objects, removals } = ledger;
  mustBeFree(remote.limits, 'delete');
  await mustHead(remote, key, signal);
  const remove = async () => {
    signal.throwIfAborted();
    using later = outlasting(signal, HEARD_MS);
    crashPoint('delete-before-intent');
    await jobs.together(() => removals.begin(key, remote.place, atMs));
    crashPoint('delete-after-intent');
    try {
      const answer = await remote
        .deleteObject(key, later.signal)
        .catch((error: unknown) => resolveLost(remote, removals, key, error, later.signal));
      crashPoint('delete-after-answer');
      noteRemoval(ledger, key, remote.place, atMs);
      return answer;
    } catch (error) {
      if (!mayBeDone(error)) removals.end(key, remote.place);
      throw error;
    }
  };
  const answer = await whileStopped(queue, jobs, key, remove);
  await objects.remove(key);
  return answer;
}

/** An upload whose answer was lost is not to find its object gone meanwhile, and to be sent again. */
export function whileStopped<T>(
  queue: Stopping | undefined,
  jobs: JobStore,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  const unheard = jobs.ofObject(key).filter(({ state }) => /^(queued|uploading)$/.test(state.kind));
  const ids = unheard.map(({ id }) => id);
  return queue && ids.length > 0 ? queue.change(ids, work) : work();
}

/** Of an object that is gone. Cut off half-way it is begun again, as long as it is known to have been asked for. */
export function noteRemoval(
  { jobs, links, removals }: Omit<Deleting, 'objects'>,
  key: string,
  place: string,
  atMs: number,
): void {
  links.kill(key, place, atMs);
  for (const { id, state } of jobs.ofObject(key))
    if (mayBeDeleted(state)) jobs.apply(id, [{ type: 'deleted' }]);
  crashPoint('delete-before-end-of-intent');
  removals.end(key, place);
}

/** Is aborted so much later than `signal`, which is not aborted yet. */
export function outlasting(signal: AbortSignal, ms: number): Disposable & { signal: AbortSignal } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = () => (timer = setTimeout(() => late.abort(signal.reason), ms));
  signal.addEventListener('abort', end, { once: true });
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      signal.removeEventListener('abort', end);
      clearTimeout(timer);
    },
  };
}

/**
 * Whether the storage may have done what it was asked for, though it was not heard to: an error that nobody knows says
 * nothing about it, and what is not surely left undone is asked for again.
 */
export function mayBeDone(error: unknown): boolean {
  const unheard = ['offline', 'not-storage', 'server-error', 'busy', 'unexpected'];
  return !(error instanceof AppError) || unheard.includes(error.code);
}

/** When the answer was lost the object may be gone all the same: the storage is asked, not guessed for. */
async function resolveLost(
  remote: Remote,
  removals: AskedStore,
  key: string,
  error: unknown,
  signal: AbortSignal,
): Promise<{ recoverable: boolean }> {
  if (!mayBeDone(error)) throw error;
  const info = await lookTwice(remote, key, signal).catch(() => {
    throw error;
  });
  if (info === undefined) return { recoverable: false };
  // Refused by the storage itself. What broke off, or was answered by something on the way, may yet arrive there.
  if (error instanceof AppError && error.code === 'busy') removals.end(key, remote.place);
  throw error;
}
