import {
  DeleteObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import type { Context, ProtocolCase } from './protocol-case.ts';

/** In the order of their UTF-8 bytes, which is neither an alphabet's nor UTF-16's. */
const names = ['', '-', '0', 'A', 'a/1', 'a/2', 'a/b/c', 'é', '\uFF5E', '😀'];

async function fill(c: Context): Promise<string> {
  const prefix = `${c.key}/`;
  for (const name of names.toReversed()) {
    const input = { Bucket: c.server.bucket, Key: prefix + name, Body: 'x' };
    await c.client.send(new PutObjectCommand(input));
  }
  return prefix;
}

/** All pages: names without the prefix, common prefixes marked with a star. */
async function listAll(c: Context, input: Partial<ListObjectsV2CommandInput>) {
  const found: string[] = [];
  const pages: (number | undefined)[] = [];
  const cut = (key = '') => key.slice(input.Prefix?.length ?? 0);
  let token: string | undefined;
  do {
    const ContinuationToken = token;
    const page = await c.client.send(
      new ListObjectsV2Command({ Bucket: c.server.bucket, ...input, ContinuationToken }),
    );
    pages.push(page.KeyCount);
    found.push(...(page.Contents ?? []).map(({ Key }) => cut(Key)));
    found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `*${cut(Prefix)}`));
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
  return { found, pages };
}

export const listingCases: readonly ProtocolCase[] = [
  {
    title: 'a listing is in the order of the keys’ bytes',
    observe: async (c) => (await listAll(c, { Prefix: await fill(c) })).found,
    expected: names,
  },
  {
    title: 'a listing comes on pages of the size asked for, complete and without repetition',
    observe: (c) => fill(c).then((Prefix) => listAll(c, { Prefix, MaxKeys: 3 })),
    expected: { found: names, pages: [3, 3, 3, 1] },
  },
  {
    title: 'a delimiter folds what lies below it into one entry',
    observe: async (c) => (await listAll(c, { Prefix: await fill(c), Delimiter: '/' })).found,
    expected: ['', '-', '0', 'A', 'é', '\uFF5E', '😀', '*a/'],
  },
  {
    title: 'folded entries are neither lost nor repeated between pages',
    observe: async (c) => {
      const { found } = await listAll(c, { Prefix: await fill(c), Delimiter: '/', MaxKeys: 2 });
      return found.toSorted();
    },
    expected: ['', '-', '0', 'A', 'é', '\uFF5E', '😀', '*a/'].toSorted(),
  },
  {
    title: 'a listing can begin after a key, whether that exists or not',
    observe: async (c) => {
      const Prefix = await fill(c);
      const after = async (name: string) =>
        (await listAll(c, { Prefix, StartAfter: Prefix + name })).found;
      return [await after('a/2'), await after('a/3')];
    },
    expected: [names.slice(6), names.slice(6)],
  },
  {
    title: 'a listing of nothing is empty',
    observe: (c) => listAll(c, { Prefix: 'nothing-here/' }),
    expected: { found: [], pages: [0] },
  },
  {
    title: 'an entry tells size, time and ETag',
    observe: async (c) => {
      const Prefix = await fill(c);
      const input = { Bucket: c.server.bucket, Prefix, MaxKeys: 1 };
      const { Contents: [entry] = [] } = await c.client.send(new ListObjectsV2Command(input));
      const ageMs = Math.abs(Date.now() - (entry?.LastModified?.getTime() ?? 0));
      return [entry?.Size, entry?.ETag?.replaceAll('"', ''), ageMs < 60_000];
    },
    expected: [1, '9dd4e461268c8034f5c8564e155c67a6', true],
  },
  {
    title: 'keys can be asked for encoded',
    observe: async (c) => {
      const key = `${c.key}/a b+ü&\u0001`;
      const put = { Bucket: c.server.bucket, Key: key, Body: 'x' };
      await c.client.send(new PutObjectCommand(put));
      const input = { Bucket: c.server.bucket, Prefix: key, EncodingType: 'url' } as const;
      const { Contents = [] } = await c.client.send(new ListObjectsV2Command(input));
      const text = Contents[0]?.Key ?? '';
      // Swift cannot list such a key in any other way: do not leave it to who empties the bucket.
      const gone = { Bucket: c.server.bucket, Key: key };
      await c.client.send(new DeleteObjectCommand(gone));
      return decodeURIComponent(text.replaceAll('+', ' ')) === key;
    },
    expected: true,
  },
];
