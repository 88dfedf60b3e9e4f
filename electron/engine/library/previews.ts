/**
 * @file Stored objects that a window looks into. A player's requests cannot carry a token, so each preview has a
 * number that nobody guesses, which opens one version of one object and nothing else (docs/adr/0011).
 */
import { randomBytes } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { shownAs } from '#shared/preview.ts';
import type { ByteRange, ObjectInfo, Remote } from '../s3/remote.ts';

export type Preview = Readonly<{
  /** One of a short list, whatever the storage says. */
  type: string;
  sizeBytes: number;
  /**
   * The bytes of a range, asked for as they are taken.
   *
   * @throws AppError `no-object` once the object has been replaced, and what else the storage fails with; another
   *   error when the preview has ended.
   */
  read: (range: ByteRange, signal: AbortSignal) => AsyncGenerator<Buffer, void>;
  /** What it failed with last; `undefined` when that is over. */
  trouble: () => AppError | undefined;
}>;
export type Previews = ReturnType<typeof createPreviews>;

/** A window that was closed ends none of its own: the oldest ends in its place. */
const OPEN = 8;

export function createPreviews() {
  const all = new Map<string, Preview & Readonly<{ ending: AbortController }>>();

  function end(id: string): void {
    all.get(id)?.ending.abort(new Error('The preview has ended'));
    all.delete(id);
  }

  return {
    /** @throws AppError `usage` for what is never shown. */
    start(remote: Remote, info: ObjectInfo): string {
      const id = randomBytes(32).toString('base64url');
      all.set(id, openPreview(remote, info));
      for (const oldest of [...all.keys()].slice(0, -OPEN)) end(oldest);
      return id;
    },
    get: (id: string): Preview | undefined => all.get(id),
    end,
    /** Ends all of them, and what is being read for them. */
    stop(): void {
      for (const id of all.keys()) end(id);
    },
  };
}

function openPreview(remote: Remote, info: ObjectInfo) {
  const shown = shownAs(info);
  if (shown === undefined) throw new AppError('usage', `There is no preview of ${info.key}`);
  const ending = new AbortController();
  let trouble: AppError | undefined;
  return {
    type: shown.type,
    sizeBytes: info.sizeBytes,
    ending,
    trouble: () => trouble,
    async *read(range: ByteRange, signal: AbortSignal) {
      const either = AbortSignal.any([ending.signal, signal]);
      try {
        for await (const piece of readRange(remote, info, range, either)) {
          trouble = undefined;
          yield piece;
        }
      } catch (error) {
        either.throwIfAborted();
        if (error instanceof AppError) trouble = error;
        throw error;
      }
    },
  };
}

/** The first comes soon over a slow line; were all of them so small, there would be many requests. */
const FIRST_BYTES = 256 * 1_024;
const PIECE_BYTES = 2 * 1_024 * 1_024;

/**
 * In pieces, each asked for when the one before it has been taken: a player that is paused for an hour keeps no
 * connection to the storage, and one that is closed has at most a piece read for nothing.
 */
async function* readRange(
  remote: Remote,
  info: ObjectInfo,
  { startByte, endByte }: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void> {
  let next = startByte;
  let bytes = FIRST_BYTES;
  while (next <= endByte) {
    const piece = { startByte: next, endByte: Math.min(endByte, next + bytes - 1) };
    yield await readPiece(remote, info, piece, signal);
    next = piece.endByte + 1;
    bytes = PIECE_BYTES;
  }
}

/** @throws AppError `not-storage` where a storage sends more than it was asked for, such as all of the object. */
async function readPiece(
  remote: Remote,
  { key, etag }: ObjectInfo,
  range: ByteRange,
  signal: AbortSignal,
): Promise<Buffer> {
  const wanted = range.endByte - range.startByte + 1;
  const parts: Buffer[] = [];
  let got = 0;
  for await (const part of await remote.readRange(key, range, etag, signal)) {
    signal.throwIfAborted();
    got += (part as Buffer).length;
    if (got > wanted) throw new AppError('not-storage', 'GetObject answered with another range');
    parts.push(part as Buffer);
  }
  signal.throwIfAborted();
  if (got < wanted) throw new AppError('offline', 'The preview broke off');
  return Buffer.concat(parts);
}
