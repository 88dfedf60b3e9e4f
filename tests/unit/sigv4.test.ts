import { S3Client } from '@aws-sdk/client-s3';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createSigner,
  encodePath,
  queryString,
  UNSIGNED_PAYLOAD,
  type SigningKeys,
} from '../../electron/engine/s3/sigv4.ts';

const REGION = 'us-east-1';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The examples of the S3 API reference, "Signature Calculations for the Authorization Header". */
const keys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const host = 'examplebucket.s3.amazonaws.com';
const examples = [
  {
    name: 'GET an object',
    request: { method: 'GET', path: '/test.txt', query: '', headers: { host, range: 'bytes=0-9' } },
    payload: EMPTY,
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT an object',
    request: {
      method: 'PUT',
      path: `/${encodePath('test$file.text')}`,
      query: '',
      headers: {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        host,
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
    },
    payload: '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET a bucket’s lifecycle',
    request: {
      method: 'GET',
      path: '/',
      query: queryString({ lifecycle: '' }),
      headers: { host },
    },
    payload: EMPTY,
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'list objects',
    request: {
      method: 'GET',
      path: '/',
      query: queryString({ prefix: 'J', 'max-keys': '2' }),
      headers: { host },
    },
    payload: EMPTY,
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

test.each(examples)('S3’s own example: $name', ({ request, payload, signature }) => {
  const atMs = Date.UTC(2013, 4, 24);
  const { authorization } = createSigner()(request, keys, REGION, atMs, payload);
  expect(authorization).toMatch(new RegExp(`Signature=${signature}$`));
});

const printable = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const ascii = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
const word = fc.stringMatching(/^[a-z][a-z0-9]{2,12}$/);

test('signs as the SDK does, whatever the key, the query, the metadata and the day', async () => {
  const sign = createSigner();
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        key: fc.array(printable, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
        query: fc.dictionary(word, printable, { maxKeys: 3 }),
        meta: fc.dictionary(word, ascii, { maxKeys: 3 }),
        secret: ascii,
        token: fc.option(ascii, { nil: undefined }),
        atMs: fc.date({
          min: new Date('2001-01-01'),
          max: new Date('2090-01-01'),
          noInvalidDate: true,
        }),
      }),
      async ({ key, query, meta, secret, token, atMs }) => {
        const given: SigningKeys = {
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: secret,
          ...(token !== undefined && { sessionToken: token }),
        };
        const metadata = Object.entries(meta).map(([name, value]) => [`x-amz-meta-${name}`, value]);
        const headers: Record<string, string> = { host, ...Object.fromEntries(metadata) };
        const request = {
          method: 'PUT',
          path: `/${encodePath(key)}`,
          query: queryString(query),
          headers,
        };
        const ours = sign(request, given, REGION, atMs.getTime(), UNSIGNED_PAYLOAD);
        const theirs = await bySdk({ ...request, query }, given, atMs);
        expect(ours['authorization']).toBe(theirs['authorization']);
      },
    ),
    { numRuns: 200 },
  );
});

async function bySdk(
  request: { path: string; query: Record<string, string>; headers: Record<string, string> },
  given: SigningKeys,
  at: Date,
): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = given;
  const token = sessionToken === undefined ? {} : { sessionToken };
  const credentials = { accessKeyId, secretAccessKey, ...token };
  const client = new S3Client({ region: REGION, credentials });
  const properties = { signingName: 's3', signingRegion: REGION };
  const signer = await client.config.signer({ name: 'sigv4', ...properties, properties: {} });
  const unsigned = {
    method: 'PUT',
    protocol: 'https:',
    hostname: host,
    ...request,
    headers: { ...request.headers, 'x-amz-content-sha256': UNSIGNED_PAYLOAD },
  };
  const signed = await signer.sign(unsigned, { signingDate: at });
  return signed.headers;
}
