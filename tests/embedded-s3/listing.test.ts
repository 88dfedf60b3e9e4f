import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../electron/embedded-s3/store/store.ts';
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openEmbedded, textOf, texts, type Fixture } from './fixture.ts';
import { pathOf, send } from './raw-client.ts';

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

interface Listed {
  readonly keys: string[];
  readonly prefixes: string[];
}

/** All pages of a listing. */
async function listAll(query: Record<string, string>): Promise<Listed & { pages: number }> {
  const keys: string[] = [];
  const prefixes: string[] = [];
  let token: Record<string, string> = {};
  for (let pages = 1; ; pages += 1) {
    const page = await s3.ask('GET', '', { query: { 'list-type': '2', ...query, ...token } });
    if (page.status !== 200) throw new Error(page.text);
    keys.push(...texts(page.text, 'Key'));
    const common = page.text.split('<CommonPrefixes>').slice(1);
    prefixes.push(...common.map((text) => textOf(text, 'Prefix')));
    if (textOf(page.text, 'IsTruncated') === 'false') return { keys, prefixes, pages };
    token = { 'continuation-token': textOf(page.text, 'NextContinuationToken') };
  }
}

/** The same by brute force. */
function expected(
  keys: readonly string[],
  prefix: string,
  delimiter: string,
  after: string,
): Listed {
  const sorted = keys
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .filter((key) => key.startsWith(prefix))
    .filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0);
  const end = (key: string): number => key.indexOf(delimiter, prefix.length);
  const isGrouped = (key: string): boolean => delimiter !== '' && end(key) !== -1;
  const groups = sorted.filter(isGrouped).map((key) => key.slice(0, end(key) + delimiter.length));
  const prefixes = [...new Set(groups)].filter((group) => group !== after);
  return { keys: sorted.filter((key) => !isGrouped(key)), prefixes };
}

test('a listing is what sorting the keys by their bytes gives, whatever the page size', async () => {
  const key = fc
    .array(fc.constantFrom('a', 'B', '/', '-', 'é', '😀', '\uFF5E', '0'), {
      minLength: 1,
      maxLength: 6,
    })
    .map((letters) => letters.join(''));
  const part = fc.constantFrom('', 'a', '/', 'a/', 'é', '😀');
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 25 }),
      part,
      fc.constantFrom('', '/', '-', 'é'),
      part,
      fc.integer({ min: 1, max: 7 }),
      async (keys, prefix, delimiter, after, size) => {
        for (const name of keys) await s3.ask('PUT', name, { body: '' });
        const query = { prefix, delimiter, 'start-after': after, 'max-keys': String(size) };
        const { keys: found, prefixes } = await listAll(query);
        for (const name of keys) await s3.ask('DELETE', name);
        expect({ keys: found, prefixes }).toEqual(expected(keys, prefix, delimiter, after));
      },
    ),
    { numRuns: 60 },
  );
});

describe('a page', () => {
  beforeAll(async () => {
    for (const key of ['1', '2', 'x/a', 'x/b', 'y']) await s3.ask('PUT', key, { body: key });
  });

  test('counts keys and common prefixes alike', async () => {
    const query = { 'list-type': '2', delimiter: '/', 'max-keys': '3' };
    const { text } = await s3.ask('GET', '', { query });
    expect([textOf(text, 'KeyCount'), textOf(text, 'IsTruncated')]).toEqual(['3', 'true']);
    expect(await listAll({ delimiter: '/', 'max-keys': '3' })).toEqual({
      keys: ['1', '2', 'y'],
      prefixes: ['x/'],
      pages: 2,
    });
  });

  test('of zero keys is complete', async () => {
    const { text } = await s3.ask('GET', '', { query: { 'list-type': '2', 'max-keys': '0' } });
    expect([texts(text, 'Key'), textOf(text, 'IsTruncated')]).toEqual([[], 'false']);
  });

  test('holds 1,000 keys at most', async () => {
    const { text } = await s3.ask('GET', '', { query: { 'list-type': '2', 'max-keys': '5000' } });
    expect(textOf(text, 'MaxKeys')).toBe('1000');
  });

  test('of the old listing goes on from a marker', async () => {
    const first = await s3.ask('GET', '', { query: { delimiter: '/', 'max-keys': '3' } });
    expect(textOf(first.text, 'NextMarker')).toBe('x/');
    const second = await s3.ask('GET', '', { query: { delimiter: '/', marker: 'x/' } });
    expect([texts(second.text, 'Key'), texts(second.text, 'CommonPrefixes')]).toEqual([['y'], []]);
  });

  test.each([
    { 'max-keys': 'many' },
    { 'max-keys': '-1' },
    { 'continuation-token': '***' },
    { 'encoding-type': 'base64' },
  ])('cannot be asked for with %j', async (wrong) => {
    const query = { 'list-type': '2', ...wrong };
    const response = await s3.ask('GET', '', { query });
    expect([response.status, response.code]).toEqual([400, 'InvalidArgument']);
  });
});

test('a bucket of 100,000 objects is listed completely, in order and without repetition', async () => {
  await using dir = await tempDir();
  const keys = Array.from(
    { length: 100_000 },
    (_, i) => `class-${i % 97}/${String(i).padStart(6, '0')}`,
  );
  const store = await openStore(dir.path, 0);
  await store.commit(() => {
    store.buckets.create('large', 0);
    const meta = { headers: {}, storageClass: 'STANDARD', tags: [] };
    const body = { sizeBytes: 0, etag: '', modifiedMs: 0, meta, segments: [] };
    for (const key of keys) store.versions.put({ bucket: 'large', key, versioning: '' }, body);
  });
  await store.close();

  await using server = await startEmbeddedS3({ dataDir: dir.path, bucket: 'large' });
  const found: string[] = [];
  for (let token: Record<string, string> | undefined = {}; token;) {
    const query = { 'list-type': '2', ...token };
    const { text } = await send(server, { method: 'GET', path: pathOf('large'), query });
    found.push(...texts(text, 'Key'));
    const next = textOf(text, 'NextContinuationToken');
    token = next === '' ? undefined : { 'continuation-token': next };
  }
  expect(found).toEqual(keys.toSorted());
});
