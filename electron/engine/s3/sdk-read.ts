import {
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  ListObjectsV2Command,
  ListPartsCommand,
  type ListPartsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { fromBase64, proof, toInfo, unquoted } from './answers.ts';
import { toStorageError } from './errors.ts';
import { toPage } from './listing.ts';
import type { ListedObject, ListedPart, ListedUpload, Remote } from './remote.ts';

/** A storage that leads round in circles is not followed for ever. */
const MAX_PAGES = 100;

type Reading = Pick<Remote, 'listParts' | 'listUploads' | 'head' | 'read' | 'readRange' | 'list'>;

/** The half of `Remote` that only looks, over the AWS SDK. */
export function sdkReading(client: S3Client, bucket: string): Reading {
  const at = (key: string) => ({ Bucket: bucket, Key: key });

  /**
   * HEAD answers without a body; a one-byte GET of the same key says why it was refused. Storages that
   * number no answers, such as Garage, have no other sign that a "not there" is theirs.
   *
   * @returns `undefined` when the GET was not: the keys have been renewed for it.
   */
  async function reason(key: string, abortSignal: AbortSignal): Promise<unknown> {
    try {
      const { Body } = await client.send(new GetObjectCommand({ ...at(key), Range: 'bytes=0-0' }), {
        abortSignal,
      });
      if (Body instanceof Readable) Body.destroy();
      return undefined;
    } catch (why) {
      return why;
    }
  }

  async function look(key: string, abortSignal: AbortSignal): ReturnType<Remote['head']> {
    const head = new HeadObjectCommand({ ...at(key), ChecksumMode: 'ENABLED' });
    try {
      return toInfo(key, await client.send(head, { abortSignal }));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async function get(
    key: string,
    range: string | undefined,
    etag: string | undefined,
    abortSignal: AbortSignal,
  ): Promise<NodeJS.ReadableStream> {
    const command = new GetObjectCommand({
      ...at(key),
      ...(range === undefined ? {} : { Range: range }),
      ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }),
    });
    const answer = await client.send(command, { abortSignal }).catch((error: unknown) => {
      // "Precondition failed" means here that the object is another one by now.
      throw error instanceof AppError && error.code === 'key-taken'
        ? new AppError('no-object', `${key} was replaced`)
        : error;
    });
    proof(answer.ETag, answer, 'GetObject');
    const { Body } = answer;
    if (!(Body instanceof Readable))
      throw new AppError('not-storage', 'GetObject answered without a body');
    return Readable.from(inOurWords(Body));
  }

  return {
    async listParts(key, uploadId, abortSignal) {
      const parts = new Map<number, ListedPart>();
      let marker: string | undefined;
      try {
        do {
          const page = await client.send(
            new ListPartsCommand({ ...at(key), UploadId: uploadId, PartNumberMarker: marker }),
            { abortSignal },
          );
          if (proof(page.UploadId, page, 'ListParts') !== uploadId)
            throw new AppError('not-storage', 'ListParts answered for another upload');
          for (const { PartNumber, ETag, Size, ChecksumCRC32 } of page.Parts ?? [])
            if (PartNumber !== undefined)
              parts.set(PartNumber, {
                etag: unquoted(ETag ?? ''),
                sizeBytes: Size ?? -1,
                crc32: fromBase64(ChecksumCRC32),
              });
          marker = nextMarker(page, marker);
        } while (marker !== undefined);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code === 'access-denied' || error.code === 'not-supported') return undefined;
        // Ceph's gateway says "no such key" of an upload that is gone.
        throw error.code === 'no-object'
          ? new AppError('upload-gone', error.message, { cause: error })
          : error;
      }
      return parts;
    },

    async listUploads(prefix, limit, abortSignal) {
      const uploads: ListedUpload[] = [];
      let from: Pick<ListMultipartUploadsCommandInput, 'KeyMarker' | 'UploadIdMarker'> = {};
      for (let pages = 0; pages < MAX_PAGES && uploads.length < limit; pages += 1) {
        const page = await client.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from }),
          { abortSignal },
        );
        // An empty list that does not name our bucket, or is cut off, means nothing.
        if (page.Bucket !== bucket || page.IsTruncated === undefined)
          throw new AppError('not-storage', 'The list of uploads did not name the bucket');
        for (const { Key, UploadId, Initiated, Initiator, StorageClass } of page.Uploads ?? [])
          uploads.push({
            key: proof(Key, page, 'ListMultipartUploads'),
            uploadId: proof(UploadId, page, 'ListMultipartUploads'),
            startedAtMs: Initiated?.getTime() ?? 0,
            storageClass: StorageClass ?? null,
            // An empty name is none.
            initiator: Initiator?.DisplayName || Initiator?.ID || null,
          });
        if (!page.IsTruncated) return { uploads, isWhole: true };
        from = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      }
      return { uploads, isWhole: false };
    },

    async head(key, abortSignal) {
      try {
        return await look(key, abortSignal);
      } catch (error) {
        if (!isUnexplained(error)) throw error;
        const why = await reason(key, abortSignal);
        if (isMissing(why)) return undefined;
        if (why !== undefined) throw why;
        return look(key, abortSignal);
      }
    },

    read: (key, startByte, etag, signal) =>
      get(key, startByte > 0 ? `bytes=${startByte}-` : undefined, etag, signal),

    readRange: (key, { startByte, endByte }, etag, signal) =>
      get(key, `bytes=${startByte}-${endByte}`, etag, signal),

    async list(prefix, maxKeys, next, abortSignal) {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: maxKeys,
          ContinuationToken: next,
        }),
        { abortSignal },
      );
      const listing = {
        bucket: page.Name,
        objects: (page.Contents ?? []).map(
          ({ Key, Size, LastModified, StorageClass }): ListedObject => ({
            key: proof(Key, page, 'ListObjectsV2'),
            sizeBytes: Size ?? 0,
            lastModifiedMs: LastModified?.getTime() ?? 0,
            storageClass: StorageClass ?? null,
          }),
        ),
        keyCount: page.KeyCount,
        isTruncated: page.IsTruncated,
        next: page.NextContinuationToken,
      };
      return toPage(listing, bucket, next);
    },
  };
}

const isMissing = (error: unknown) => error instanceof AppError && error.code === 'no-object';

function isUnexplained(error: unknown): boolean {
  return (
    error instanceof AppError &&
    ['access-denied', 'request-refused', 'wrong-region', 'not-storage'].includes(error.code)
  );
}

/** Where the next page of parts begins. A storage that would send us round in circles is not followed. */
function nextMarker(page: ListPartsCommandOutput, marker = '0'): string | undefined {
  if (!page.IsTruncated) return undefined;
  const next = page.NextPartNumberMarker;
  return Number(next) > Number(marker) ? next : undefined;
}

/** A body that breaks off half-way fails as everything here does: with an `AppError`. */
async function* inOurWords(body: Readable): AsyncGenerator {
  try {
    yield* body;
  } catch (error) {
    throw toStorageError(error);
  }
}
