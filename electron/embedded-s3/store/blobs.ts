/** @file The bytes of objects: one immutable file for each object or part, under a hashed name. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { groupSyncs, syncFolder } from './durability.ts';

/** Written in pieces of about this size: large enough to cost few calls, small enough to stay in cache. */
const BATCH_BYTES = 1024 * 1024;

interface BlobWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Flushes the file, gives it its name and flushes that too. Only now does the blob exist. */
  finish(): Promise<string>;
  /** Removes what was written. Harmless after `finish`. */
  discard(): Promise<void>;
}

export interface BlobRange {
  readonly file: string;
  readonly firstByte: number;
  readonly lastByte: number;
}

export interface BlobReader {
  chunks(): AsyncGenerator<Buffer>;
  /** Must be called once, also when nothing was read. */
  close(): void;
}

export interface Blobs {
  create(bucket: string, key: string): Promise<BlobWriter>;
  /** Opens `ranges` for reading one after the other. Files removed meanwhile stay until `close`. */
  read(ranges: readonly BlobRange[]): BlobReader;
  remove(files: readonly string[]): void;
  /** Removes every file that `isKnown` does not know: what a crash left between file and index. */
  sweep(isKnown: (file: string) => boolean): Promise<void>;
}

export async function openBlobs(dataDir: string): Promise<Blobs> {
  const dataFolder = join(dataDir, 'data');
  const temporaryFolder = join(dataDir, 'tmp');
  await rm(temporaryFolder, { recursive: true, force: true });
  await mkdir(temporaryFolder, { recursive: true });
  await mkdir(dataFolder, { recursive: true });
  const syncData = groupSyncs(() => syncFolder(dataFolder));
  const readers = new Map<string, number>();
  const doomed = new Set<string>();

  const unlink = (file: string): void => {
    if (readers.has(file)) {
      doomed.add(file);
      return;
    }
    doomed.delete(file);
    // A file that cannot go now is unknown to the index, so the next start removes it.
    rm(join(dataFolder, file), { force: true }).catch(() => {});
  };
  const hold = (file: string, change: 1 | -1): void => {
    const count = (readers.get(file) ?? 0) + change;
    if (count > 0) readers.set(file, count);
    else readers.delete(file);
    if (count === 0 && doomed.has(file)) unlink(file);
  };

  return {
    create: async (bucket, key) => {
      const name = blobName(bucket, key);
      const path = join(temporaryFolder, name);
      const handle = await open(path, 'wx', 0o600);
      return writeBlob(handle, path, async () => {
        await rename(path, join(dataFolder, name));
        await syncData();
        return name;
      });
    },
    read: (ranges) => {
      for (const { file } of ranges) hold(file, 1);
      return {
        chunks: async function* chunks() {
          for (const { file, firstByte, lastByte } of ranges) {
            if (lastByte < firstByte) continue;
            // Without an encoding a read stream yields nothing but buffers.
            yield* createReadStream(join(dataFolder, file), {
              start: firstByte,
              end: lastByte,
              highWaterMark: BATCH_BYTES,
            }) as AsyncIterable<Buffer>;
          }
        },
        close: () => {
          for (const { file } of ranges) hold(file, -1);
        },
      };
    },
    remove: (files) => {
      for (const file of files) unlink(file);
    },
    sweep: async (isKnown) => {
      const files = await readdir(dataFolder);
      await Promise.all(
        files.filter((file) => !isKnown(file)).map((file) => rm(join(dataFolder, file))),
      );
    },
  };
}

/** The key decides the first half alone, so no key can name a folder, another key's file or a device. */
function blobName(bucket: string, key: string): string {
  const hash = createHash('sha256').update(`${bucket}/${key}`).digest('hex').slice(0, 40);
  return `${hash}.${randomBytes(10).toString('hex')}`;
}

function writeBlob(handle: FileHandle, path: string, publish: () => Promise<string>): BlobWriter {
  let batch: Uint8Array[] = [];
  let batchBytes = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await handle.close();
  };
  /** One write runs while the next batch arrives; never two, so memory stays bounded. */
  const flush = async (): Promise<void> => {
    const chunks = batch;
    batch = [];
    batchBytes = 0;
    await writing;
    writing = writeAll(handle, chunks);
    writing.catch(() => {}); // Reported by the `await` of the next flush or of `finish`.
  };
  return {
    write: async (chunk) => {
      batch.push(chunk);
      batchBytes += chunk.length;
      if (batchBytes >= BATCH_BYTES) await flush();
    },
    finish: async () => {
      await flush();
      await writing;
      await handle.sync();
      await close();
      return publish();
    },
    discard: async () => {
      await writing.catch(() => {});
      await close();
      await rm(path, { force: true });
    },
  };
}

/** `writev` may write less than asked, on a full disk above all. */
async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  if (chunks.length === 0) return;
  const wanted = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await handle.writev(chunks);
  if (bytesWritten === wanted) return;
  await handle.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
}
