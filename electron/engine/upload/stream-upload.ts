import type { PutHeaders, Remote } from '../s3/remote.ts';
import type { UploadStore } from '../store/uploads.ts';

/**
 * Stores a stream of unknown length, such as a form upload, under a key that nobody had before. Recordings
 * never go this way: a stream cannot be read twice. An upload in parts is owed to the storage until it is
 * completed, so that a crash leaves none behind.
 *
 * @returns What was sent.
 * @throws What the stream or the storage failed with, once nothing is on its way any more.
 */
export async function uploadStream(
  { remote, uploads }: Readonly<{ remote: Remote; uploads: UploadStore }>,
  key: string,
  stream: AsyncIterable<Buffer>,
  headers: PutHeaders,
  signal: AbortSignal,
): ReturnType<Remote['putStream']> {
  let row: number | undefined;
  const ledger = {
    opening: () => void (row = uploads.opening(key, remote.place)),
    opened: (uploadId: string) => uploads.opened(key, uploadId, true),
    completed: uploads.completed,
    ended: () => row !== undefined && uploads.told(row),
  };
  try {
    return await remote.putStream(key, stream, headers, ledger, signal);
  } finally {
    if (row !== undefined) uploads.release(row);
  }
}
