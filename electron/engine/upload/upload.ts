import { AppError } from '#shared/errors.ts';
import { sendPart, type PartSource } from './part-sending.ts';
import { crashPoint, isMutant } from '../test-hooks.ts';
import type { OpenUpload } from '#shared/job.ts';
import type { PartPrint } from '../files/fingerprint.ts';
import type { PutHeaders, Remote } from '../s3/remote.ts';
import type { SentPart } from '../store/sent-parts.ts';

export type Upload = Readonly<{
  remote: Remote;
  key: string;
  headers: PutHeaders;
  whole: { sizeBytes: number; crc32: number };
  /** Right before what makes the object. @throws AppError `file-changed`; `Recalled` when nobody wants it any more. */
  assertUnchanged: () => Promise<void>;
  /** @throws AppError `key-taken` when there is an object at the key by now. */
  assertFree: () => Promise<void>;
  signal: AbortSignal;
}>;

export type UploadInParts = Upload &
  PartSource &
  Readonly<{ prints: readonly PartPrint[]; partBytes: number }>;

/** What the ledger knows of an open upload, and how it learns more. Each call commits before it returns, or resolves. */
export type UploadLedger = Readonly<{
  open: OpenUpload | null;
  parts: readonly SentPart[];
  /** Told before the first request, so that an upload whose answer is lost is not forgotten. */
  opening: () => Disposable & { forget: () => void };
  began: (upload: OpenUpload) => void;
  sent: (uploadId: string, part: SentPart, sentBytes: number) => Promise<void>;
  /** So many bytes of a part are on their way, none once it is known whether they came. Kept by nobody. */
  passed: (part: number, bytes: number) => void;
}>;

/**
 * Sends a small file in one request.
 *
 * @param body All of it, as it was fingerprinted.
 * @returns Whether the answer proves already that the object is the file: it carries the CRC-32 that the
 *   storage computed over the whole of it, and that is ours.
 */
export async function putWhole(upload: Upload, body: Uint8Array): Promise<boolean> {
  const { remote, key, headers, whole, assertUnchanged, signal } = upload;
  crashPoint('after-last-read-before-fstat');
  await assertUnchanged();
  crashPoint('before-put');
  const stored = await remote.putObject(key, body, whole.crc32, headers, signal);
  crashPoint('after-put-reply-before-commit');
  return stored === whole.crc32;
}

/**
 * Sends a file in parts and completes it. Parts that a former attempt sent are kept only when the storage
 * lists them and they have the checksum that the local bytes have now; where it does not let us list, the
 * ledger's word has to do.
 *
 * @throws AppError `upload-gone` when the storage dropped the open upload.
 */
export async function putParts(upload: UploadInParts, ledger: UploadLedger): Promise<void> {
  const { remote, key, prints, whole, signal } = upload;
  const open = ledger.open ?? (await begin(upload, ledger));
  const kept = ledger.open === null ? [] : await reusable(upload, open.id, ledger.parts);
  const sent = new Map(kept.map((part) => [part.number, part]));
  let sentBytes = kept.reduce((sum, part) => sum + part.sizeBytes, 0);

  // The first failure stops the other parts; all have ended before it is thrown.
  const failure = new AbortController();
  const partSignal = AbortSignal.any([signal, failure.signal]);
  const send = async (print: PartPrint): Promise<void> => {
    const { number, sizeBytes } = print.part;
    // The next part need not wait for this one's commit.
    const etag = await sendPart(
      upload,
      print,
      (body) => remote.putPart(key, open.id, number, body, print.crc32, partSignal),
      (bytes) => ledger.passed(number, bytes),
      partSignal,
    );
    crashPoint('after-part-reply-before-commit');
    // Bug 7: the upload is written down once a part of it is there.
    if (isMutant(7) && ledger.open === null && sent.size === 0) ledger.began(open);
    const part = { number, sizeBytes, crc32: print.crc32, etag };
    sent.set(number, part);
    await ledger.sent(open.id, part, (sentBytes += sizeBytes));
    crashPoint('after-part-commit');
  };
  const missing = prints.filter(({ part }) => !sent.has(part.number));
  const outcomes = missing.map((print) =>
    send(print)
      .catch((error: unknown) => {
        failure.abort(error);
        throw error;
      })
      .finally(() => ledger.passed(print.part.number, 0)),
  );
  const failed = (await Promise.allSettled(outcomes)).some(({ status }) => status === 'rejected');
  signal.throwIfAborted();
  if (failed) throw failure.signal.reason;

  // Not every storage honours If-None-Match on a completion: Ceph's gateway would overwrite.
  await upload.assertFree();
  crashPoint('after-last-read-before-fstat');
  await upload.assertUnchanged();
  crashPoint('after-fstat-before-complete');
  const parts = [...sent.values()].toSorted((a, b) => a.number - b.number);
  try {
    await remote.completeUpload(key, open.id, parts, whole, signal);
    crashPoint('after-complete-reply-before-commit');
  } catch (error) {
    // The parts are not what was sent: sending the same list again would fail again.
    if (error instanceof AppError && error.code === 'damaged-in-transit')
      throw new AppError('upload-gone', error.message, { cause: error });
    throw error;
  }
}

async function begin(
  { remote, key, headers, partBytes, signal }: UploadInParts,
  ledger: UploadLedger,
): Promise<OpenUpload> {
  using opening = ledger.opening();
  crashPoint('before-create');
  const id = await remote.createUpload(key, headers, signal).catch((error: unknown) => {
    if (wasRefused(error)) opening.forget();
    throw error;
  });
  const open = { id, partBytes };
  crashPoint('after-create-reply-before-commit');
  if (!isMutant(7)) ledger.began(open);
  crashPoint('after-uploadid-commit');
  return open;
}

/** Whether the storage has said that it did nothing. Silence and its own failures leave that open. */
function wasRefused(error: unknown): boolean {
  const isOpen = ['offline', 'not-storage', 'server-error', 'unexpected'];
  return error instanceof AppError && !isOpen.includes(error.code);
}

async function reusable(
  upload: UploadInParts,
  uploadId: string,
  parts: readonly SentPart[],
): Promise<SentPart[]> {
  const listed = await upload.remote.listParts(upload.key, uploadId, upload.signal);
  const recorded = new Map(parts.map((part) => [part.number, part]));
  return upload.prints.flatMap(({ part: { number, sizeBytes }, crc32: crc }) => {
    const known = recorded.get(number);
    if (isMutant(8) && known) return known; // Bug 8: what was sent is still what the file holds.
    const ours = known?.crc32 === crc && known.sizeBytes === sizeBytes ? known : undefined;
    if (listed === undefined) return ours ?? [];
    const there = listed.get(number);
    if (there?.sizeBytes !== sizeBytes) return [];
    if (ours?.etag === there.etag) return ours;
    // Its answer was lost, or somebody else sent it: the same bytes either way, or it is sent again.
    return there.crc32 === crc ? { number, sizeBytes, crc32: crc, etag: there.etag } : [];
  });
}
