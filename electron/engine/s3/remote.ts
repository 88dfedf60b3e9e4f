/** @file The port: what the engine needs of a storage. Every failure is an `AppError`. */
import type { SlowReason } from '#shared/corrections.ts';
import type { LifecycleRule } from '#shared/lifecycle.ts';
import type { ObjectMetadata } from '#shared/metadata.ts';
import type { Readability, RestoreSpeed } from '#shared/restore.ts';
import type { SchoolLimits } from '#shared/school.ts';
import type { SignIn } from '#shared/sign-in.ts';
import type { StorageClass } from '#shared/storage-class.ts';
import type { Body } from './body.ts';
import type { Known } from './known.ts';

/** S3 answers with no more keys, versions or uploads at a time. */
export const PAGE_KEYS = 1_000;

/** Of small questions about many objects, so many are asked at a time. */
export const ASKED_ABREAST = 16;

export type ObjectInfo = Readonly<{
  key: string;
  sizeBytes: number;
  etag: string;
  contentType: string | undefined;
  /** Values decoded. */
  metadata: Readonly<Record<string, string>>;
  /** Full-object CRC-32 that the storage keeps; `undefined` when it keeps none or only a composite one. */
  crc32: number | undefined;
  storageClass: string | undefined;
  /** By its names: Ceph's gateway reads what is archived all the same. */
  readability: Readability;
  /** A rule of the bucket will delete it on some day. S3 and its likes say so with `x-amz-expiration`. */
  isExpiring: boolean;
  /** As the storage says that it keeps it: `AES256`, `aws:kms`; `undefined` when it says nothing. */
  encryption: string | undefined;
  kmsKeyId: string | undefined;
  versionId: string | undefined;
  lastModifiedMs: number;
}>;

export type ListedObject = Readonly<{
  key: string;
  sizeBytes: number;
  lastModifiedMs: number;
  storageClass: string | null;
}>;
export type ListedPart = Readonly<{
  etag: string;
  sizeBytes: number;
  /** `undefined` where the storage keeps none. */
  crc32: number | undefined;
}>;
export type ListedUpload = Readonly<{
  key: string;
  uploadId: string;
  startedAtMs: number;
  storageClass: string | null;
  /** Who began it, as the storage calls them; `null` where it does not say. */
  initiator: string | null;
}>;
export type ListPage = Readonly<{ objects: readonly ListedObject[]; next: string | undefined }>;

/** `isMarker`: no bytes, but the note that the object was deleted at `lastModifiedMs`. */
export type ListedVersion = Readonly<{
  key: string;
  versionId: string;
  isLatest: boolean;
  isMarker: boolean;
  sizeBytes: number;
  storageClass: string | null;
  lastModifiedMs: number;
}>;
/** Where a list of versions goes on: behind this one, or behind all of its key. */
export type VersionMark = Readonly<{ key: string; versionId: string | undefined }>;
type VersionPage = Readonly<{
  versions: readonly ListedVersion[];
  next: VersionMark | undefined;
}>;
export type Versioning = 'on' | 'suspended' | 'off';

export type PutPart = Readonly<{ number: number; etag: string; sizeBytes: number; crc32: number }>;
export type PutHeaders = Readonly<{
  contentType: string;
  metadata: ObjectMetadata;
  /** `undefined` asks for none: the storage's usual one. */
  storageClass?: StorageClass | undefined;
}>;
/** How an upload of a stream in parts is written down: each of these before what comes next is sent. */
export type StreamLedger = Readonly<{
  opening: () => void;
  opened: (uploadId: string) => void;
  completed: (uploadId: string) => void;
  /** Given up, and the storage knows. */
  ended: () => void;
}>;
export type SignOptions = Readonly<{
  expiresInSeconds: number;
  mode: 'watch' | 'download';
  fileName: string;
  contentType?: string | undefined;
}>;
/** @param days How long its copy is to stay; `undefined` out of Intelligent-Tiering, where it stays for good. */
type RestoreOrder = Readonly<{ days: number | undefined; speed: RestoreSpeed }>;

/** Both inclusive, as HTTP counts them. */
export type ByteRange = Readonly<{ startByte: number; endByte: number }>;

export interface Remote {
  readonly bucket: string;
  /** What tells this storage from every other, for people, too: its bucket and its address. */
  readonly place: string;
  /** What the school holds links and deletions to: whoever makes or asks for them looks here. */
  readonly limits?: SchoolLimits;
  readonly known: Known;
  /**
   * Stores a small object in one request, never over an existing one where the storage honours
   * `If-None-Match`.
   *
   * @returns The full-object CRC-32 that the storage says it computed; `undefined` when it says none.
   * @throws AppError `key-taken` when the key is in use.
   */
  putObject(
    key: string,
    body: Uint8Array,
    crc32: number,
    headers: PutHeaders,
    signal: AbortSignal,
  ): Promise<number | undefined>;
  /**
   * Stores what comes, however long it is, in one request or in parts.
   *
   * @returns What was sent.
   * @throws What the stream or the storage failed with, once nothing is on its way any more.
   */
  putStream(
    key: string,
    stream: AsyncIterable<Buffer>,
    headers: PutHeaders,
    ledger: StreamLedger,
    signal: AbortSignal,
  ): Promise<{ sizeBytes: number; crc32: number }>;
  /** @returns The UploadId. Calling it twice opens two uploads. */
  createUpload(key: string, headers: PutHeaders, signal: AbortSignal): Promise<string>;
  /** @returns The part's ETag, unquoted. Sending a number again replaces that part. */
  putPart(
    key: string,
    uploadId: string,
    number: number,
    body: Body,
    crc32: number,
    signal: AbortSignal,
  ): Promise<string>;
  /**
   * Parts that the storage holds, by number.
   *
   * @returns `undefined` when the account may not list them, or the storage cannot: the ledger's own
   *   list has to do.
   * @throws AppError `upload-gone`
   */
  listParts(
    key: string,
    uploadId: string,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<number, ListedPart> | undefined>;
  /**
   * Turns the parts into the object. Its answer is no proof: HEAD decides.
   *
   * @throws AppError `upload-gone` when the upload is unknown, also after a Complete whose answer was lost,
   *   or met another write to the key; `key-taken`.
   */
  completeUpload(
    key: string,
    uploadId: string,
    parts: readonly PutPart[],
    whole: { sizeBytes: number; crc32: number },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Uploads that were neither completed nor ended, of everybody, in the order of their keys.
   *
   * @param limit `isWhole` tells whether there are no more.
   * @throws AppError `access-denied`: what may not be listed is not nothing.
   */
  listUploads(
    prefix: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ uploads: readonly ListedUpload[]; isWhole: boolean }>;
  /** Frees the parts of an unfinished upload. Harmless when it is gone already. */
  abortUpload(key: string, uploadId: string, signal: AbortSignal): Promise<void>;
  /** @returns `undefined` only when the storage says that there is no such object. */
  head(key: string, signal: AbortSignal): Promise<ObjectInfo | undefined>;
  /**
   * The bytes from `startByte` on.
   *
   * @param etag The object must still have it, else AppError `no-object`.
   */
  read(
    key: string,
    startByte: number,
    etag: string | undefined,
    signal: AbortSignal,
  ): Promise<NodeJS.ReadableStream>;
  /** As `read`, and no further than the range. A storage that knows no ranges sends all of the object. */
  readRange(
    key: string,
    range: ByteRange,
    etag: string,
    signal: AbortSignal,
  ): Promise<NodeJS.ReadableStream>;
  /**
   * Asks for an archived object to be made readable, which takes minutes to days; HEAD tells when it is. Of a
   * copy that can be read already it sets the end anew, from now on.
   *
   * @throws AppError `object-restoring` while it is under way · `not-archived` · `fast-restore-full` ·
   *   `restore-denied`
   */
  restoreObject(key: string, order: RestoreOrder, signal: AbortSignal): Promise<void>;
  /** @returns Whether a delete marker certainly hides the object, so that it can be brought back. */
  deleteObject(key: string, signal: AbortSignal): Promise<{ recoverable: boolean }>;
  /**
   * One page in binary order.
   *
   * @param maxKeys 1 to `PAGE_KEYS`.
   * @throws AppError `access-denied`: a listing that is refused is never an empty one.
   */
  list(
    prefix: string,
    maxKeys: number,
    next: string | undefined,
    signal: AbortSignal,
  ): Promise<ListPage>;
  /** Whether the bucket keeps what is deleted. @throws AppError `access-denied`: that is not "off". */
  versioning(signal: AbortSignal): Promise<Versioning>;
  /**
   * One page of all versions and delete markers: keys in binary order; markers, then versions, each the newest
   * of a key first.
   *
   * @param maxKeys 1 to `PAGE_KEYS`.
   * @throws AppError `versions-denied` · `not-supported` by a storage that keeps none.
   */
  listVersions(
    prefix: string,
    maxKeys: number,
    from: VersionMark | undefined,
    signal: AbortSignal,
  ): Promise<VersionPage>;
  /** As `head`, of a version that need not be the latest. */
  headVersion(key: string, versionId: string, signal: AbortSignal): Promise<ObjectInfo | undefined>;
  /**
   * Removes one delete marker, and nothing else: a number is never given to another version. Harmless when it is
   * gone already.
   *
   * @param versionId Of a marker that was listed; not "null", which a bucket gives again and again.
   * @throws AppError `bring-back-denied`
   */
  removeMarker(key: string, versionId: string, signal: AbortSignal): Promise<void>;
  /** The rules by which the bucket deletes by itself. @throws AppError `rules-denied` */
  lifecycleRules(signal: AbortSignal): Promise<readonly LifecycleRule[]>;
  /** A presigned GET that any browser opens. */
  signDownload(key: string, options: SignOptions): Promise<string>;
  /** How far this computer's clock is ahead of the storage's, milliseconds; 0 while nothing was heard. */
  aheadMs(): number;
  /** Why less is asked of the storage at a time than could be; `undefined` at full speed. */
  slowed(): SlowReason | undefined;
  /** Whose keys sign, where they were found, and when they end. @throws AppError when there are none. */
  signIn(): Promise<SignIn>;
  close(): void;
}
