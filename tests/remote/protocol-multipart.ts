import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { outcome, type Context, type ProtocolCase } from './protocol-case.ts';

const large = Buffer.alloc(5 * 1024 * 1024, 'large');
const small = Buffer.from('small');
const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();

const bare = (etag: string | undefined): string => etag?.replaceAll('"', '') ?? '';

const target = ({ server, key }: Context) => ({ Bucket: server.bucket, Key: key });

async function create(c: Context, more = {}): Promise<string> {
  const input = { ...target(c), ...more };
  const { UploadId = '' } = await c.client.send(new CreateMultipartUploadCommand(input));
  return UploadId;
}

async function putPart(c: Context, UploadId: string, PartNumber: number, Body: Uint8Array) {
  const input = { ...target(c), UploadId, PartNumber, Body };
  const { ETag, ChecksumCRC32 } = await c.client.send(new UploadPartCommand(input));
  return { PartNumber, ETag, ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) };
}

async function putParts(c: Context, UploadId: string, bodies: readonly Uint8Array[]) {
  const parts: CompletedPart[] = [];
  for (const [index, body] of bodies.entries()) {
    parts.push(await putPart(c, UploadId, index + 1, body));
  }
  return parts;
}

function complete(c: Context, UploadId: string, Parts: readonly CompletedPart[], more = {}) {
  const input = { ...target(c), UploadId, MultipartUpload: { Parts: [...Parts] }, ...more };
  return c.client.send(new CompleteMultipartUploadCommand(input));
}

const abort = (c: Context, UploadId: string) =>
  c.client.send(new AbortMultipartUploadCommand({ ...target(c), UploadId }));
const listParts = (c: Context, UploadId: string, more = {}) =>
  c.client.send(new ListPartsCommand({ ...target(c), UploadId, ...more }));

export const multipartCases: readonly ProtocolCase[] = [
  {
    title: 'parts become one object with type, metadata and an ETag that counts them',
    observe: async (c) => {
      const meta = { ContentType: 'video/mp4', Metadata: { class: '4b' } };
      const uploadId = await create(c, meta);
      const parts = await putParts(c, uploadId, [large, small]);
      const { ETag } = await complete(c, uploadId, parts);
      const got = await c.client.send(new GetObjectCommand(target(c)));
      const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
      return [
        bytes.equals(Buffer.concat([large, small])),
        got.ContentType,
        got.Metadata,
        bare(ETag),
        bare(got.ETag),
      ];
    },
    expected: [
      true,
      'video/mp4',
      { class: '4b' },
      ...Array.from(
        { length: 2 },
        () => `${md5(Buffer.concat([md5(large), md5(small)])).toString('hex')}-2`,
      ),
    ],
  },
  {
    title: 'an upload lists its parts on pages, with their sizes and MD5s',
    observe: async (c) => {
      const uploadId = await create(c);
      await putParts(c, uploadId, [small, large, small]);
      const first = await listParts(c, uploadId, { MaxParts: 2 });
      const marker = { PartNumberMarker: first.NextPartNumberMarker };
      const second = await listParts(c, uploadId, marker);
      await abort(c, uploadId);
      const parts = [...(first.Parts ?? []), ...(second.Parts ?? [])];
      return [
        first.IsTruncated,
        second.IsTruncated,
        parts.map(({ PartNumber, Size }) => [PartNumber, Size]),
        parts.every(({ ETag }, index) => {
          const body = index === 1 ? large : small;
          return bare(ETag) === md5(body).toString('hex');
        }),
      ];
    },
    expected: [
      true,
      false,
      [
        [1, small.length],
        [2, large.length],
        [3, small.length],
      ],
      true,
    ],
  },
  {
    title: 'a part uploaded again replaces the one before',
    observe: async (c) => {
      const uploadId = await create(c);
      await putPart(c, uploadId, 1, large);
      const part = await putPart(c, uploadId, 1, small);
      const { Parts = [] } = await listParts(c, uploadId);
      await complete(c, uploadId, [part]);
      const { ContentLength } = await c.client.send(new HeadObjectCommand(target(c)));
      return [Parts.map(({ Size }) => Size), ContentLength];
    },
    expected: [[small.length], small.length],
  },
  {
    title: 'an open upload is found by its key until it is completed',
    observe: async (c) => {
      const uploadId = await create(c);
      const list = async () => {
        const input = { Bucket: c.server.bucket, Prefix: c.key };
        const { Uploads = [] } = await c.client.send(new ListMultipartUploadsCommand(input));
        return Uploads.map((upload) => [upload.Key === c.key, upload.UploadId === uploadId]);
      };
      const before = await list();
      await complete(c, uploadId, await putParts(c, uploadId, [small]));
      return [before, await list()];
    },
    expected: [[[true, true]], []],
  },
  {
    title: 'after Abort nothing of an upload is left, and it is not there to abort again',
    observe: async (c) => {
      const uploadId = await create(c);
      const parts = await putParts(c, uploadId, [small]);
      return [
        await outcome(abort(c, uploadId)),
        await outcome(abort(c, uploadId)),
        await outcome(listParts(c, uploadId)),
        await outcome(putPart(c, uploadId, 1, small)),
        await outcome(complete(c, uploadId, parts)),
      ];
    },
    expected: ['200', ...Array.from({ length: 4 }, () => '404 NoSuchUpload')],
    deviations: {
      rgw: {
        why: 'finds other words for parts and Complete',
        observed: [
          '200',
          '404 NoSuchUpload',
          '404 NoSuchKey',
          '404 NoSuchUpload',
          expect.stringMatching(/^(?:404|500) /u),
        ],
      },
    },
  },
  {
    title: 'Complete refuses a wrong ETag, an unknown part and a wrong order',
    observe: async (c) => {
      const uploadId = await create(c);
      const [first = {}, second = {}] = await putParts(c, uploadId, [large, small]);
      const results = [
        await outcome(complete(c, uploadId, [{ ...first, ETag: second.ETag }])),
        await outcome(complete(c, uploadId, [first, { ...second, PartNumber: 3 }])),
        await outcome(complete(c, uploadId, [second, first])),
      ];
      return [...results, await outcome(abort(c, uploadId))];
    },
    expected: ['400 InvalidPart', '400 InvalidPart', '400 InvalidPartOrder', '200'],
    deviations: {
      rgw: {
        why: 'sorts the parts itself',
        observed: ['400 InvalidPart', '400 InvalidPart', '200', '404 NoSuchUpload'],
      },
    },
  },
  {
    title: 'Complete refuses a part under 5 MiB that is not the last',
    observe: async (c) => {
      const uploadId = await create(c);
      const parts = await putParts(c, uploadId, [small, large]);
      const result = await outcome(complete(c, uploadId, parts));
      await abort(c, uploadId);
      return result;
    },
    expected: '400 EntityTooSmall',
  },
  {
    title: 'a second Complete of the same upload succeeds with the same ETag',
    observe: async (c) => {
      const uploadId = await create(c);
      const parts = await putParts(c, uploadId, [large, small]);
      const first = await complete(c, uploadId, parts);
      const again = complete(c, uploadId, parts);
      const result = await outcome(again);
      const second = result === '200' ? await again : undefined;
      return [result, bare(second?.ETag) === bare(first.ETag)];
    },
    expected: ['200', true],
    deviations: {
      rgw: {
        why: 'answers in several ways',
        observed: [expect.stringMatching(/^(?:200|404|500)/u), expect.any(Boolean)],
      },
    },
  },
  {
    title: 'Complete refuses a size other than the sum of the parts',
    observe: async (c) => {
      const uploadId = await create(c);
      const parts = await putParts(c, uploadId, [small]);
      const wrong = { MpuObjectSize: small.length + 1 };
      const results = [await outcome(complete(c, uploadId, parts, wrong))];
      results.push(await outcome(c.client.send(new HeadObjectCommand(target(c)))));
      return results;
    },
    expected: ['400 InvalidRequest', '404 NotFound'],
    deviations: {
      rgw: { why: 'ignores the size', observed: ['200', '200'] },
      swift: { why: 'ignores the size', observed: ['200', '200'] },
    },
  },
  {
    title: 'a Complete that must be the first fails where an object is already',
    observe: async (c) => {
      const uploadId = await create(c);
      const parts = await putParts(c, uploadId, [small]);
      await c.client.send(new PutObjectCommand({ ...target(c), Body: 'here first' }));
      const result = await outcome(complete(c, uploadId, parts, { IfNoneMatch: '*' }));
      const { ContentLength } = await c.client.send(new HeadObjectCommand(target(c)));
      return [result, ContentLength];
    },
    expected: ['412 PreconditionFailed', 'here first'.length],
    deviations: {
      rgw: { why: 'ignores the condition', observed: ['200', small.length] },
      swift: {
        why: 'calls it InvalidRequest',
        observed: ['412 InvalidRequest', 'here first'.length],
      },
    },
  },
  {
    title: 'Complete refuses a full-object checksum that is not that of the bytes',
    observe: async (c) => {
      const full = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;
      const uploadId = await create(c, full);
      const parts = await putParts(c, uploadId, [large, small]);
      const wrong = { ChecksumType: 'FULL_OBJECT', ChecksumCRC32: 'AAAAAA==' };
      return outcome(complete(c, uploadId, parts, wrong));
    },
    expected: '400 BadDigest',
    deviations: {
      rgw: { why: 'ignores the checksum', observed: '200' },
      swift: { why: 'ignores the checksum', observed: '200' },
    },
  },
];
