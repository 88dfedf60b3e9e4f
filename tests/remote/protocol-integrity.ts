import { createHash } from 'node:crypto';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { checksumNames, createHasher } from '../../electron/embedded-s3/body/checksums.ts';
import { unsignedChunks } from '../embedded-s3/chunk-framing.ts';
import { rawOutcome, type Context, type ProtocolCase } from './protocol-case.ts';

const body = 'content';
const wrongMd5 = createHash('md5').update('other').digest('base64');

/** What comes of a PUT with these headers, and whether there is an object afterwards. */
async function putWith(c: Context, headers: Record<string, string>, more = {}) {
  const put = await c.ask('PUT', c.key, { body, headers, ...more });
  return [rawOutcome(put), (await c.ask('HEAD', c.key)).status];
}

/** The checksum of other bytes, well formed. */
function wrongSum(name: (typeof checksumNames)[number]): string {
  const hasher = createHasher(name);
  hasher.update(Buffer.from('other'));
  return hasher.digest().toString('base64');
}

export const integrityCases: readonly ProtocolCase[] = [
  ...checksumNames.map((name): ProtocolCase => ({
    title: `an object with a wrong ${name} is not stored`,
    observe: (c) => putWith(c, { [`x-amz-checksum-${name.toLowerCase()}`]: wrongSum(name) }),
    expected: ['400 BadDigest', 404],
    deviations: {
      rgw: { why: 'verifies no checksums', observed: ['200', 200] },
    },
  })),
  {
    title: 'an object with a wrong Content-MD5 is not stored',
    observe: (c) => putWith(c, { 'content-md5': wrongMd5 }),
    expected: ['400 BadDigest', 404],
  },
  {
    title: 'an object other than the one that was signed is not stored',
    observe: (c) => putWith(c, {}, { payload: createHash('sha256').update('other').digest('hex') }),
    expected: ['400 XAmzContentSHA256Mismatch', 404],
  },
  {
    title: 'an object with a wrong checksum in its trailer is not stored',
    observe: (c) =>
      putWith(
        c,
        {
          'content-encoding': 'aws-chunked',
          'x-amz-decoded-content-length': String(body.length),
          'x-amz-trailer': 'x-amz-checksum-crc32',
        },
        {
          payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
          body: unsignedChunks([body], 'x-amz-checksum-crc32:AAAAAA==\r\n'),
        },
      ),
    expected: ['400 BadDigest', 404],
    deviations: {
      rgw: { why: 'verifies no checksums', observed: ['200', 200] },
    },
  },
  {
    title: 'a checksum is stored and told to whoever asks',
    observe: async (c) => {
      const target = { Bucket: c.server.bucket, Key: c.key };
      const put = { ...target, Body: body, ChecksumAlgorithm: 'SHA256' } as const;
      await c.client.send(new PutObjectCommand(put));
      const { ChecksumSHA256 } = await c.client.send(
        new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' }),
      );
      return ChecksumSHA256;
    },
    expected: createHash('sha256').update(body).digest('base64'),
    deviations: {
      rgw: { why: 'stores no checksums', observed: undefined },
      swift: { why: 'stores no checksums', observed: undefined },
    },
  },
];
