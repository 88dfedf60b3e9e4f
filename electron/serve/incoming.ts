/** @file From a stream of unknown length to a proved object under a fresh key, or to nothing at all. */
import { mkdir, open, readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { v4, v7 } from 'uuid';
import { AppError } from '#shared/errors.ts';
import { judge } from '#shared/evidence.ts';
import type { Hold } from '#shared/job.ts';
import { objectMetadata } from '#shared/metadata.ts';
import { checkId, destinationKinds, objectKeyFor, type Destination } from '#shared/recording.ts';
import { holds } from '#shared/troubles/holds.ts';
import { contradiction, HEAD_BYTES } from '../engine/container/sort.ts';
import { toWriteError } from '../engine/files/file-errors.ts';
import { readVirusScan, scanFile } from '../engine/virus/virus-scan.ts';
import { uploadStream } from '../engine/upload/stream-upload.ts';
import { uploadStore } from '../engine/store/uploads.ts';
import type { App } from './call.ts';
import { badRequest, Refused } from './reply.ts';

export type StoredFile = Readonly<{
  key: string;
  name: string;
  contentType: string;
  sizeBytes: number;
  /** Whether the storage's own checksum of the whole proves it; else its size and token were checked. */
  verified: boolean;
}>;
export type Incoming = Readonly<{ stream: Readable; name: string; contentType: string }>;

const CLEAN_UP_MS = 10_000;
const WAITING = 'incoming-';

/** What a crash has left of files that were being scanned. */
export async function forgetWaiting({ homePath }: Pick<App, 'homePath'>): Promise<void> {
  for (const name of await readdir(homePath).catch(() => []))
    if (name.startsWith(WAITING)) await rm(join(homePath, name), { force: true });
}

/**
 * Where a form's `folder` points: `audio/CLASS`, `documents/USER`, `uploads/USER`, or a class id alone,
 * which means `audio/CLASS`.
 *
 * @param userId Who sends class recordings.
 * @throws Refused, or AppError `bad-id`.
 */
function destinationOfFolder(folder: string, userId: string): Destination {
  const [first = '', second, ...rest] = folder.split('/');
  const kind = destinationKinds.find((name) => name === first);
  if (second === undefined && kind === undefined)
    return { kind: 'audio', classId: checkId(first), userId };
  if (second === undefined || kind === undefined || rest.length > 0)
    throw badRequest(
      'The folder is not one of ours',
      'Use audio/CLASS, documents/USER, uploads/USER, or a class id.',
    );
  const id = checkId(second);
  return kind === 'audio' ? { kind, classId: id, userId } : { kind, userId: id };
}

/** Whether a file has to be whole on the disk before any of it is sent. */
export const mustWait = (app: App): boolean => readVirusScan(app.storage().database) !== undefined;

/** Sends the stream under a fresh key, and proves it. Whatever fails, no object of ours stays. */
export async function storeStream(
  app: App,
  { stream, name, contentType }: Incoming,
  folder: string,
  signal: AbortSignal,
): Promise<StoredFile> {
  const { nowMs, clientVersion, maxFileBytes } = app;
  const { remote, database } = app.storage();
  const to = destinationOfFolder(folder, app.userId);
  const key = objectKeyFor(to, v7(), name);
  const uploadToken = v4();
  const facts = { to, fileName: name, contentType, sha256: '', recordedAtMs: 0, uploadToken };
  const metadata = Object.entries(objectMetadata({ ...facts, clientVersion }, nowMs()))
    // Nobody knows these of a stream that has only begun.
    .filter(([field]) => field !== 'sha256' && field !== 'recorded_at');
  try {
    // Not our signal: the end of the stream ends it, and then it also cleans up before it returns.
    const { sizeBytes, crc32 } = await uploadStream(
      { remote, uploads: uploadStore(database, nowMs) },
      key,
      checked({ stream, name }, maxFileBytes),
      { contentType, metadata: Object.fromEntries(metadata) },
      new AbortController().signal,
    );
    signal.throwIfAborted();
    const info = await remote.head(key, signal);
    if (info === undefined) throw new AppError('server-error', `${key} is not there after all`);
    const verdict = judge(
      { sizeBytes, uploadToken, crc32 },
      { ...info, uploadToken: info.metadata['upload_token'] },
    );
    if (verdict === 'someone-elses') throw new AppError('key-taken', key);
    if (verdict === 'damaged') throw new AppError('damaged-copy', key);
    return { key, name, contentType, sizeBytes, verified: verdict === 'verified' };
  } catch (error) {
    stream.destroy();
    await removeOurs(app, key, uploadToken);
    throw error;
  }
}

/** The file's bytes, as long as they are neither too many nor none, nor begin like something else than its name says. */
async function* checked(
  { stream, name }: Pick<Incoming, 'stream' | 'name'>,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  let head = Buffer.alloc(0);
  for await (const piece of stream) {
    const bytes = piece as Buffer; // No encoding is set.
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) throw new AppError('too-large', `more than ${maxBytes} bytes`);
    if (head.length < HEAD_BYTES) {
      head = Buffer.concat([head, bytes.subarray(0, HEAD_BYTES - head.length)]);
      const found = contradiction(name, head);
      if (found) throw new Refused(422, 'wrong-type', notAsNamed(found));
    }
    yield bytes;
  }
  if (sizeBytes === 0) throw new AppError('empty-file');
}

/** Nobody is there to be asked, as with a recording of a followed folder. */
const notAsNamed = ({ reason, detail }: Hold) => ({
  title: `${holds[reason].title}. ${detail}`,
  remedy: 'Nothing of it is in the storage. If it is right, name it after what it is.',
});

/** After a failure: the storage may have finished all the same. Only our token may be deleted. */
async function removeOurs(app: App, key: string, token: string): Promise<void> {
  const signal = AbortSignal.timeout(CLEAN_UP_MS);
  const info = await app
    .storage()
    .remote.head(key, signal)
    .catch((error: unknown) => {
      app.log('warn', 'An upload that failed may have left an object', { key, error });
    });
  if (info?.metadata['upload_token'] === token) await removeStored(app, key);
}

/** Takes back what `storeStream` stored. Logs where that fails: what happened before is to be told. */
export async function removeStored({ storage, log }: App, key: string): Promise<void> {
  await storage()
    .remote.deleteObject(key, AbortSignal.timeout(CLEAN_UP_MS))
    .catch((error: unknown) => {
      log('warn', 'An upload that failed has left an object', { key, error });
    });
}

/**
 * The file came before its folder, or has to be scanned first: it waits on the disk. No crash can leave it
 * behind, since it has no name there; only while a scanner looks at it has it got one.
 */
export async function storeViaDisk(
  app: App,
  incoming: Incoming,
  folder: Promise<string>,
  signal: AbortSignal,
): Promise<StoredFile> {
  const path = join(app.homePath, `${WAITING}${v4()}`);
  await mkdir(app.homePath, { recursive: true, mode: 0o700 });
  const file = await open(path, 'wx+', 0o600);
  const { database } = app.storage();
  try {
    const isScanned = mustWait(app);
    if (!isScanned) await unlink(path);
    for await (const piece of checked(incoming, app.maxFileBytes))
      await file.writeFile(piece).catch((error: unknown) => {
        throw toWriteError(error, path);
      });
    if (isScanned) {
      await scanFile(database, path, signal);
      await unlink(path);
    }
    const stream = file.createReadStream({ start: 0, autoClose: false });
    return await storeStream(app, { ...incoming, stream }, await folder, signal);
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}
