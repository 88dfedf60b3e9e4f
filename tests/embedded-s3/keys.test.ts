import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesIn, openEmbedded, textOf, type Fixture } from './fixture.ts';
import { exchange, sign } from './raw-client.ts';

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

const oddPieces = [
  '../',
  '/',
  '//',
  './',
  '\\',
  'C:',
  'CON',
  '.',
  ' ',
  '+',
  '%',
  '%2F',
  '%00',
  '&',
  '<',
  "'",
  '"',

  'é'.normalize('NFC'),
  'é'.normalize('NFD'),
  '😀',
  'ß',
  'İ',
  'a',
  'A',
  '\n',
  '\u007F',
  '\uFFFD',
  '~',
];
const oddKey = fc
  .array(fc.oneof(fc.constantFrom(...oddPieces), fc.string({ unit: 'binary', maxLength: 4 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((pieces) => pieces.join('').replaceAll('\0', '0'))
  .filter((key) => key !== '' && Buffer.byteLength(key) <= 1024);

test('every key holds what was put under it, and no key holds what was put under another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(oddKey, { minLength: 1, maxLength: 6 }), async (keys) => {
      for (const [index, key] of keys.entries()) {
        expect((await s3.ask('PUT', key, { body: `content ${index}` })).status).toBe(200);
      }
      for (const [index, key] of keys.entries()) {
        expect((await s3.ask('GET', key)).text).toBe(`content ${index}`);
      }
      for (const key of keys) await s3.ask('DELETE', key);
      expect((await s3.ask('GET', keys[0])).status).toBe(404);
    }),
    { numRuns: 60 },
  );
});

test('keys that differ only in case or in Unicode form are different keys', async () => {
  const keys = ['Lektion/Ä.m4a', 'lektion/Ä.m4a', 'Lektion/Ä.m4a', 'Lektion/Ä.m4a '];
  for (const key of keys) await s3.ask('PUT', key, { body: key });
  for (const key of keys) expect((await s3.ask('GET', key)).text).toBe(key);
});

test('a key may be 1,024 bytes long and not one more', async () => {
  const longest = 'ü'.repeat(512);
  expect((await s3.ask('PUT', longest, { body: 'x' })).status).toBe(200);
  expect((await s3.ask('GET', longest)).text).toBe('x');
  const tooLong = await s3.ask('PUT', `${longest}u`, { body: 'x' });
  expect([tooLong.status, tooLong.code]).toEqual([400, 'KeyTooLongError']);
});

test.each(['a%00b', 'a%FFb', 'a%ZZb'])('a path of %s is refused', async (path) => {
  const signed = sign(s3, { method: 'PUT', path: `/${s3.bucket}/x`, body: 'x' });
  const url = signed.url.replace(/x$/u, path);
  const response = await exchange(url, { method: 'PUT', headers: signed.headers, body: 'x' });
  expect([response.status, response.code]).toEqual([400, 'InvalidURI']);
});

test('no key decides the name of a file', async () => {
  await s3.ask('PUT', '../../../../tmp/escaped', { body: 'x' });
  const { data } = await filesIn(s3.dataDir);
  expect(data.filter((name) => !/^[0-9a-f]{40}\.[0-9a-f]{20}$/u.test(name))).toEqual([]);
});

test('a listing shows keys as they are, or encoded when asked', async () => {
  await s3.ask('PUT', 'list/a b+c&d<e>/%2F é*~', { body: 'x' });
  const list = { 'list-type': '2', prefix: 'list/' };
  const plain = await s3.ask('GET', '', { query: list });
  expect(textOf(plain.text, 'Key')).toBe('list/a b+c&amp;d&lt;e&gt;/%2F é*~');
  const encoded = await s3.ask('GET', '', { query: { ...list, 'encoding-type': 'url' } });
  expect(textOf(encoded.text, 'Key')).toBe('list/a+b%2Bc%26d%3Ce%3E/%252F+%C3%A9*%7E');
});
