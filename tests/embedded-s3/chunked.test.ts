import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedChunks, unsignedChunks } from './chunk-framing.ts';
import { filesIn, openEmbedded, type Fixture } from './fixture.ts';
import { exchange, pathOf, sign, type RawResponse } from './raw-client.ts';

const first = 'a'.repeat(64 * 1024);
const second = 'end';
const crcOf = (text: string): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return bytes.toString('base64');
};
const goodTrailer = `x-amz-checksum-crc32:${crcOf(first + second)}`;

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

const signedPayload = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const signedTrailer = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
const unsignedTrailer = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

function signPut(key: string, payload: string, headers: Record<string, string> = {}) {
  return sign(s3, {
    method: 'PUT',
    path: pathOf(s3.bucket, key),
    payload,
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': String(first.length + second.length),
      ...(payload.endsWith('TRAILER') && { 'x-amz-trailer': 'x-amz-checksum-crc32' }),
      ...headers,
    },
  });
}

/** What came of a refused upload: its status and code, and whether it left anything. */
async function outcome(response: RawResponse) {
  const isFound = (await s3.ask('HEAD', 'refused')).status !== 404;
  const { tmp } = await filesIn(s3.dataDir);
  return [response.status, response.code, isFound || tmp.length > 0 ? 'stored' : 'nothing stored'];
}

const putUnsigned = (body: Buffer, headers: Record<string, string> = {}) => {
  const signed = signPut('refused', unsignedTrailer, headers);
  return exchange(signed.url, { method: 'PUT', headers: signed.headers, body });
};

describe('a body in chunks', () => {
  test('is stored without its frames when nothing is signed but the trailer tells the checksum', async () => {
    const signed = signPut('unsigned', unsignedTrailer);
    const body = unsignedChunks([first, second], `${goodTrailer}\r\n`);
    const put = await exchange(signed.url, { method: 'PUT', headers: signed.headers, body });
    expect(put.headers['x-amz-checksum-crc32']).toBe(crcOf(first + second));
    expect((await s3.ask('GET', 'unsigned')).text).toBe(first + second);
  });

  test.each([
    ['without a trailer', signedPayload, undefined],
    ['and with a signed trailer', signedTrailer, goodTrailer],
  ])('is stored when every chunk is signed %s', async (_how, payload, trailer) => {
    const signed = signPut('signed', payload);
    const body = signedChunks(signed, [first, second], trailer);
    const put = await exchange(signed.url, { method: 'PUT', headers: signed.headers, body });
    expect(put.status).toBe(200);
    expect((await s3.ask('GET', 'signed')).text).toBe(first + second);
  });

  test('leaves only the true content codings with the object', async () => {
    const headers = { 'content-encoding': 'gzip,aws-chunked' };
    const signed = signPut('coded', unsignedTrailer, headers);
    const body = unsignedChunks([first, second], `${goodTrailer}\r\n`);
    await exchange(signed.url, { method: 'PUT', headers: signed.headers, body });
    expect((await s3.ask('HEAD', 'coded')).headers['content-encoding']).toBe('gzip');
    expect((await s3.ask('HEAD', 'unsigned')).headers['content-encoding']).toBeUndefined();
  });

  test('is what the AWS SDK sends for a stream', async () => {
    const chunks = Array.from({ length: 5 }, () => Buffer.from(first));
    const put = { Bucket: s3.bucket, Key: 'sdk', Body: Readable.from(chunks) };
    await s3.client.send(new PutObjectCommand({ ...put, ContentLength: 5 * first.length }));
    const head = await s3.client.send(
      new HeadObjectCommand({ Bucket: s3.bucket, Key: 'sdk', ChecksumMode: 'ENABLED' }),
    );
    expect(head.ContentLength).toBe(5 * first.length);
    expect(head.ContentEncoding).toBeUndefined();
    expect(head.ChecksumCRC32).toBe(crcOf(first.repeat(5)));
  });
});

describe('a body in signed chunks stores nothing', () => {
  const damages: [string, string, (text: string) => string][] = [
    ['content was changed', signedPayload, (text) => text.replace('aaa', 'aab')],
    [
      'the last signature was changed',
      signedPayload,
      (text) => text.replace(/(0;chunk-signature=).{4}/u, '$10000'),
    ],
    ['a signature is missing', signedPayload, (text) => text.replace(/;chunk-signature=\w+/u, '')],
    [
      'the trailer’s signature is wrong',
      signedTrailer,
      (text) => text.replace(/(trailer-signature:).{4}/u, '$10000'),
    ],
    [
      'the trailer’s signature is missing',
      signedTrailer,
      (text) => text.replace(/x-amz-trailer-signature.*\r\n/u, ''),
    ],
  ];
  test.each(damages)('when %s', async (_what, payload, damage) => {
    const signed = signPut('refused', payload);
    const trailer = payload === signedTrailer ? goodTrailer : undefined;
    const body = damage(signedChunks(signed, [first, second], trailer).toString('latin1'));
    const headers = signed.headers;
    const response = await exchange(signed.url, { method: 'PUT', headers, body });
    expect(await outcome(response)).toEqual([403, 'SignatureDoesNotMatch', 'nothing stored']);
  });
});

describe('a body in unsigned chunks stores nothing', () => {
  test('when the checksum in its trailer is wrong', async () => {
    const body = unsignedChunks([first, second], 'x-amz-checksum-crc32:AAAAAA==\r\n');
    expect(await outcome(await putUnsigned(body))).toEqual([400, 'BadDigest', 'nothing stored']);
  });

  test('when the trailer it announced does not come', async () => {
    const body = unsignedChunks([first, second], '');
    expect(await outcome(await putUnsigned(body))).toEqual([
      400,
      'MalformedTrailerError',
      'nothing stored',
    ]);
  });

  test('when it is shorter or longer than it said', async () => {
    const trailer = `x-amz-checksum-crc32:${crcOf(first)}\r\n`;
    const response = await putUnsigned(unsignedChunks([first], trailer));
    expect(await outcome(response)).toEqual([400, 'IncompleteBody', 'nothing stored']);
  });

  test('when it ends in the middle of a chunk', async () => {
    const body = unsignedChunks([first, second], '').subarray(0, 5000);
    expect(await outcome(await putUnsigned(body))).toEqual([
      400,
      'IncompleteBody',
      'nothing stored',
    ]);
  });

  test.each(['xyz\r\n', '-1\r\n', '5;chunk-ext=1\r\nhello\r\n', `${'0'.repeat(5000)}\r\n`])(
    'when a chunk begins with %j',
    async (head) => {
      expect(await outcome(await putUnsigned(Buffer.from(head)))).toEqual([
        400,
        'IncompleteBody',
        'nothing stored',
      ]);
    },
  );

  test('when a chunk other than the last is under 8 KiB', async () => {
    const body = unsignedChunks([second, first], `${goodTrailer}\r\n`);
    expect(await outcome(await putUnsigned(body))).toEqual([
      403,
      'InvalidChunkSizeError',
      'nothing stored',
    ]);
  });

  test('when its decoded length is not given', async () => {
    const { url, headers } = signPut('refused', unsignedTrailer, {
      'x-amz-decoded-content-length': '',
    });
    const response = await exchange(url, { method: 'PUT', headers, body: '0\r\n\r\n' });
    expect(await outcome(response)).toEqual([411, 'MissingContentLength', 'nothing stored']);
  });
});
