import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { AppError } from '#shared/errors.ts';
import { moveIfFree } from '../files/durable-file.ts';
import { toWriteError } from '../files/file-errors.ts';
import { isMutant } from '../test-hooks.ts';
import { look } from '../watch/scan.ts';
import { isDeviceName } from './names.ts';
import { assertOpens } from './objects.ts';
import type { ObjectInfo, Remote } from '../s3/remote.ts';

export type Download = Readonly<{
  remote: Remote;
  info: ObjectInfo;
  target: string;
  overwrite: boolean;
  /** Ends it; what has arrived stays beside the target, for the next time. */
  signal: AbortSignal;
  /** Ends it, and takes away what has arrived. */
  cancel?: AbortSignal;
  /** Bytes that have arrived, those of former attempts with them. */
  onBytes?: (doneBytes: number) => void;
  /**
   * It is whole and checked, and gets its name once this has settled: who watches the folder sees it from
   * then on. Should the name be taken by then, or by another version of what is replaced, it never gets it.
   */
  beforeSaved?: (partial: string, target: string) => Promise<void>;
}>;
export type Downloaded = Readonly<{ sizeBytes: number; verified: boolean }>;

/**
 * Fetches an object beside its target and puts it in place when it is whole. A broken download goes on
 * at its last byte as long as the object is the same.
 *
 * @returns `verified` when the bytes have the SHA-256 or MD5 that was noted at upload and the CRC-32 that the
 * storage keeps of the whole, as far as there are; `false` when there is none.
 * @param order.overwrite The version that is there at the beginning, and no other.
 * @throws AppError `download-exists`, `damaged-download`, `cannot-write`; as `assertOpens`.
 */
export async function downloadObject({
  remote,
  info,
  target,
  overwrite,
  signal: ending,
  cancel,
  onBytes = () => {},
  beforeSaved,
}: Download): Promise<Downloaded> {
  const signal = cancel ? AbortSignal.any([ending, cancel]) : ending;
  const replaced = await versionAt(target);
  if (!overwrite && replaced !== undefined) throw new AppError('download-exists', target);
  /** Nobody has agreed to lose what has been written there since, such as a new recording. */
  const whatToReplace = async () => {
    const there = await versionAt(target);
    if (there === undefined || there === replaced) return there;
    throw new AppError('download-exists', target);
  };
  // The name carries the object's ETag: the rest of another version is never appended.
  const partial = `${target}.${info.etag.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 16)}.part`;
  try {
    await assertOpens(remote, info, signal);
    await fetchRest({ remote, info, partial, signal, onBytes });
    const expected = { sha256: notedSha256(info), md5: notedMd5(info), crc32: info.crc32 };
    const found = await sumsOf(partial, signal, expected.md5 !== undefined);
    const { size } = await stat(partial);
    const isSame =
      size === info.sizeBytes &&
      (expected.sha256 ?? found.sha256) === found.sha256 &&
      (expected.md5 ?? found.md5) === found.md5 &&
      (expected.crc32 ?? found.crc32) === found.crc32;
    if (!isSame) {
      await rm(partial);
      throw new AppError('damaged-download', info.key);
    }
    await whatToReplace();
    await beforeSaved?.(partial, target);
    if (await whatToReplace()) await rename(partial, target);
    else await moveIfFree(partial, target);
    return {
      sizeBytes: info.sizeBytes,
      verified: (expected.sha256 ?? expected.md5 ?? expected.crc32) !== undefined,
    };
  } catch (error) {
    if (cancel?.aborted) await rm(partial, { force: true });
    throw toWriteError(error, target);
  }
}

/** As hexadecimal digits. What somebody else keeps under that name in another form says nothing here. */
function notedSha256({ metadata }: ObjectInfo): string | undefined {
  const { sha256 = '' } = metadata;
  return /^[0-9a-f]{64}$/i.test(sha256) ? sha256.toLowerCase() : undefined;
}

/** In base64, as rclone notes it of a file that it sends in parts. */
function notedMd5({ metadata }: ObjectInfo): string | undefined {
  const { md5chksum = '' } = metadata;
  return /^[A-Za-z0-9+/]{22}==$/.test(md5chksum) ? md5chksum : undefined;
}

/** File systems take 255 bytes; the `.part` file beside it has a longer name. */
const NAME_BYTES = 200;

/**
 * The file name to save under when nobody gives one: the original one, without anything that could lead
 * elsewhere than the current folder or that a file system refuses.
 */
export function localName({ key, metadata }: ObjectInfo): string {
  const wished = metadata['original_filename'] ?? key;
  if (isMutant(29)) return wished; // Bug 29: a name is taken as it comes.
  const name = wished
    .slice(Math.max(wished.lastIndexOf('/'), wished.lastIndexOf('\\')) + 1)
    .replaceAll(/[\p{Cc}\p{Bidi_Control}<>:"|?*]/gu, '_')
    .replace(/^\.+|[. ]+$/g, '');
  return shortened(name === '' || isDeviceName(name) ? `_${name}` : name);
}

/** Cuts the stem: the extension says what opens the file. What is too long for one is none. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= NAME_BYTES) return name;
  const extension = /\.[^.\s]{1,16}$/u.exec(name)?.[0] ?? '';
  let left = NAME_BYTES - Buffer.byteLength(extension);
  let stem = '';
  for (const character of name) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    stem += character;
  }
  return stem.replace(/[. ]+$/, '') + extension;
}

/** Attempts at the same download before it is left for another time; each goes on at the last byte. */
const ATTEMPTS = 3;

type Fetching = Pick<Download, 'remote' | 'info' | 'signal'> &
  Readonly<{ partial: string; onBytes: (doneBytes: number) => void }>;

async function fetchRest({ remote, info, partial, signal, onBytes }: Fetching): Promise<void> {
  const file = await open(partial, 'a', 0o600);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const { size } = await file.stat();
      if (size >= info.sizeBytes) break;
      try {
        let doneBytes = size;
        for await (const piece of await remote.read(info.key, size, info.etag, signal)) {
          await file.write(piece as Buffer);
          onBytes((doneBytes += (piece as Buffer).length));
        }
      } catch (error) {
        if (signal.aborted || attempt === ATTEMPTS) throw error;
      }
      if (attempt === ATTEMPTS && (await file.stat()).size < info.sizeBytes)
        throw new AppError('offline', 'The download broke off');
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sumsOf(
  path: string,
  signal: AbortSignal,
  hasMd5: boolean,
): Promise<{ sha256: string; md5: string | undefined; crc32: number }> {
  const sha256 = createHash('sha256');
  const md5 = hasMd5 ? createHash('md5') : undefined;
  let crc = 0;
  const stream = createReadStream(path, { signal, highWaterMark: 1024 * 1024 });
  stream.on('data', (piece) => {
    sha256.update(piece);
    md5?.update(piece);
    crc = crc32(piece, crc);
  });
  await once(stream, 'end');
  return { sha256: sha256.digest('hex'), md5: md5?.digest('base64'), crc32: crc };
}

/** `undefined` when there is nothing, as far as can be seen. */
async function versionAt(path: string): Promise<string | undefined> {
  const found = await look(path);
  if (found.kind === 'skipped') return found.code === 'not-a-file' ? found.reason : undefined;
  const { sizeBytes, mtimeNs, inode } = found.sighting;
  return [sizeBytes, mtimeNs, inode].join(' ');
}
