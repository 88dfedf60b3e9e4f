/** @file Nothing that signs or opens anything gets into a line of the log, a report, or what people are shown: whatever is asked and answered. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toStorageError } from '../../electron/engine/s3/errors.ts';
import { catalogue } from '../../shared/troubles/catalogue.ts';
import { AppError } from '../../shared/errors.ts';
import { withoutSecrets } from '../../shared/redact.ts';

const of = (alphabet: string, minLength: number, maxLength = minLength) =>
  fc
    .array(fc.constantFrom(...alphabet.split('')), { minLength, maxLength })
    .map((characters) => characters.join(''));
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+';
const accessKey = fc
  .tuple(fc.constantFrom('AKIA', 'ASIA'), of(capitals, 16))
  .map((two) => two.join(''));
/** With a character of each kind, as nearly every real one has. */
const secretKey = of(base64, 37).map((start) => `${start}aB7`);
const token = of(base64, 200, 400);
const signature = of('0123456789abcdef', 64);

/** How a request or its answer may hold one of them. */
const leaks: readonly ((secrets: Secrets) => string)[] = [
  ({ key, secret }) => `{"accessKeyId":"${key}","secretAccessKey":"${secret}"}`,
  ({ key, sig }) =>
    `AWS4-HMAC-SHA256 Credential=${key}/20260101/eu/s3/aws4_request, SignedHeaders=host, Signature=${sig}`,
  ({ key, sig }) =>
    `https://b.s3.example/audio/x.mp3?X-Amz-Credential=${key}%2Fx&X-Amz-Expires=60&X-Amz-Signature=${sig}`,
  ({ token: session }) =>
    `https://b.example/?X-Amz-Security-Token=${encodeURIComponent(session)}&a=b`,
  ({ token: session }) => `x-amz-security-token: ${session}`,
  ({ key, sig, secret }) =>
    `<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>${key}</AWSAccessKeyId><SignatureProvided>${sig}</SignatureProvided><SecretAccessKey>${secret}</SecretAccessKey></Error>`,
  ({ secret }) => `aws_secret_access_key = ${secret}`,
  ({ secret }) => `it was ${secret}, they said`,
  ({ secret, token: session }) =>
    JSON.stringify({ env: { AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } }),
];
const secrets = fc.record({ key: accessKey, secret: secretKey, token, sig: signature });
type Secrets = { key: string; secret: string; token: string; sig: string };
const around = fc.string({ maxLength: 20 }).filter((text) => !/[A-Za-z0-9/+=]/.test(text));

/** Those of them that are still there. */
const leftIn = (text: string, { key, secret, token: session, sig }: Secrets): string[] =>
  [key, secret, session, encodeURIComponent(session), sig].filter((part) => text.includes(part));

test('of a request, its answer, and whatever is around them', () => {
  fc.assert(
    fc.property(secrets, fc.constantFrom(...leaks), around, (all, leak, edge) => {
      const line = JSON.stringify({ message: `${edge} ${leak(all)} ${edge}` });
      expect(leftIn(withoutSecrets(line), all)).toEqual([]);
      expect(leftIn(withoutSecrets(leak(all)), all)).toEqual([]);
      // In use, they are found also where nothing gives them away.
      const bare = `${all.secret}x${all.sig}`;
      expect(withoutSecrets(bare, [all.secret, all.sig])).toBe('[removed]x[removed]');
    }),
  );
});

test('whatever a storage answers has a row in the catalogue, and its words give away nothing', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'AccessDenied',
      'SlowDown',
      'ExpiredToken',
      'TimeoutError',
      'ECONNRESET',
      'constructor',
    ),
    fc.string({ maxLength: 12 }),
  );
  const answer = fc.record(
    {
      name: word,
      Code: word,
      code: word,
      $metadata: fc.record(
        {
          httpStatusCode: fc.integer({ min: 100, max: 599 }),
          requestId: fc.string({ maxLength: 12 }),
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(answer, secrets, fc.constantFrom(...leaks), (given, all, leak) => {
      const known = toStorageError(Object.assign(new Error(leak(all)), given)) as AppError;
      expect(known).toBeInstanceOf(AppError);
      expect(catalogue[known.code].title).toBeTruthy();
      expect(leftIn(known.message, all)).toEqual([]);
    }),
  );
});

test('what helps stays: paths, keys of objects, checksums and numbers', () => {
  for (const line of [
    '{"path":"/home/noor/Recordings/2026-11-16 Cells and tissues.mp3","sizeBytes":123456}',
    'audio/BIO-101/019a5c3e-7c1a-7b7e-8f00-123456789abc.mp3',
    `sha256 ${'0123456789abcdef'.repeat(4)}`,
    'request 4442587FB7D0A2F9, crc32 deadbeef, etag "d41d8cd98f00b204e9800998ecf8427e"',
  ])
    expect(withoutSecrets(line)).toBe(line);
});
