import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { outcome, type Context, type ProtocolCase } from './protocol-case.ts';

const put = ({ client, server, key }: Context, Body: string | Uint8Array = 'content', more = {}) =>
  client.send(new PutObjectCommand({ Bucket: server.bucket, Key: key, Body, ...more }));
const get = async ({ client, server, key }: Context, more = {}) => {
  const got = await client.send(new GetObjectCommand({ Bucket: server.bucket, Key: key, ...more }));
  return { ...got, text: await got.Body?.transformToString() };
};
const head = ({ client, server, key }: Context, more = {}) =>
  client.send(new HeadObjectCommand({ Bucket: server.bucket, Key: key, ...more }));
const bare = (etag: string | undefined) => etag?.replaceAll('"', '');

export const objectCases: readonly ProtocolCase[] = [
  {
    title: 'an object comes back with its bytes, its type and its metadata',
    observe: async (c) => {
      const Metadata = { class: '4b', note: 'a b', percent: 'Gr%C3%BC%C3%9Fe' };
      const sent = await put(c, 'content', { ContentType: 'audio/mp4', Metadata });
      const got = await get(c);
      return [got.text, got.ContentType, got.Metadata, bare(got.ETag) === bare(sent.ETag)];
    },
    expected: [
      'content',
      'audio/mp4',
      { class: '4b', note: 'a b', percent: 'Gr%C3%BC%C3%9Fe' },
      true,
    ],
  },
  {
    title: 'HEAD tells the size and an ETag that is the MD5',
    observe: async (c) => {
      await put(c);
      const { ContentLength, ETag } = await head(c);
      return [ContentLength, bare(ETag)];
    },
    expected: [7, createHash('md5').update('content').digest('hex')],
  },
  {
    title: 'an object can be empty',
    observe: async (c) => {
      await put(c, new Uint8Array());
      const got = await get(c);
      return [got.text, got.ContentLength];
    },
    expected: ['', 0],
  },
  {
    title: 'what is missing is NoSuchKey, NotFound for HEAD, and NoSuchBucket',
    observe: async (c) => [
      await outcome(get(c)),
      await outcome(head(c)),
      await outcome(get({ ...c, server: { ...c.server, bucket: 'pansea-no-such-bucket' } })),
    ],
    expected: ['404 NoSuchKey', '404 NotFound', '404 NoSuchBucket'],
  },
  {
    title: 'ranges give the bytes asked for, and none past the end',
    observe: async (c) => {
      await put(c, '0123456789');
      const range = async (Range: string) => (await get(c, { Range })).text;
      const one = await get(c, { Range: 'bytes=2-4' });
      return [
        one.text,
        one.ContentRange,
        await range('bytes=8-99'),
        await range('bytes=-3'),
        await outcome(get(c, { Range: 'bytes=10-' })),
      ];
    },
    expected: ['234', 'bytes 2-4/10', '89', '789', '416 InvalidRange'],
  },
  {
    title: 'a read with a condition is answered only while that holds',
    observe: async (c) => {
      const { ETag } = await put(c);
      return [
        await outcome(get(c, { IfMatch: ETag })),
        await outcome(get(c, { IfMatch: '"other"' })),
        await outcome(get(c, { IfNoneMatch: ETag })),
        await outcome(get(c, { Range: 'bytes=1-2', IfMatch: '"other"' })),
      ];
    },
    expected: ['200', '412 PreconditionFailed', '304 Unknown', '412 PreconditionFailed'],
  },
  {
    title: 'a copy has the bytes of its source and the metadata it was told',
    observe: async (c) => {
      await put(c, 'content', { Metadata: { a: '1' } });
      const { client, server, key } = c;
      const source = { Bucket: server.bucket, CopySource: `${server.bucket}/${key}` };
      await client.send(new CopyObjectCommand({ ...source, Key: `${key}-1` }));
      const replace = { MetadataDirective: 'REPLACE', Metadata: { b: '2' } } as const;
      await client.send(new CopyObjectCommand({ ...source, Key: `${key}-2`, ...replace }));
      const first = await get({ ...c, key: `${key}-1` });
      const second = await get({ ...c, key: `${key}-2` });
      return [first.text, first.Metadata, second.text, second.Metadata];
    },
    expected: ['content', { a: '1' }, 'content', { b: '2' }],
  },
  {
    title: 'a delete succeeds again for what is already gone',
    observe: async (c) => {
      await put(c);
      const target = { Bucket: c.server.bucket, Key: c.key };
      const remove = () => outcome(c.client.send(new DeleteObjectCommand(target)));
      return [await remove(), await remove(), await outcome(head(c))];
    },
    expected: ['200', '200', '404 NotFound'],
  },
  {
    title: 'several keys are deleted at once, also oddly named ones',
    observe: async (c) => {
      const keys = ['a&b', '<c>', 'ü "d"'].map((name) => `${c.key}/${name}`);
      for (const key of keys) await put({ ...c, key });
      const Objects = keys.map((Key) => ({ Key }));
      const input = { Bucket: c.server.bucket, Delete: { Objects } };
      const { Deleted = [], Errors = [] } = await c.client.send(new DeleteObjectsCommand(input));
      const left = await Promise.all(keys.map((key) => outcome(head({ ...c, key }))));
      return [Deleted.length, Errors, new Set(left)];
    },
    expected: [3, [], new Set(['404 NotFound'])],
  },
  {
    title: 'keys differ by case and by Unicode form, and may hold anything',
    observe: async (c) => {
      const names = [
        'é'.normalize('NFC'),
        'é'.normalize('NFD'),
        'E',
        'e',
        '../x',
        'a//b',
        '😀 +%2F&=',
      ];
      const keys = names.map((name) => `${c.key}/${name}`);
      for (const key of keys) await put({ ...c, key }, key);
      const texts = await Promise.all(keys.map(async (key) => (await get({ ...c, key })).text));
      return texts.every((text, index) => text === keys[index]);
    },
    expected: true,
  },
  {
    title: 'a key may have 1,024 bytes and not one more',
    observe: async (c) => {
      const longest = c.key.padEnd(1024, 'x');
      return [
        await outcome(put({ ...c, key: longest })),
        await outcome(put({ ...c, key: `${longest}x` })),
      ];
    },
    expected: ['200', '400 KeyTooLongError'],
    deviations: {
      rgw: { why: 'calls it InvalidObjectName', observed: ['200', '400 InvalidObjectName'] },
    },
  },
  {
    title: 'metadata over 2 KB is refused',
    observe: (c) => outcome(put(c, 'content', { Metadata: { a: 'x'.repeat(2100) } })),
    expected: '400 MetadataTooLarge',
    deviations: {
      rgw: { why: 'takes it', observed: '200' },
      swift: { why: 'calls it InvalidRequest', observed: '400 InvalidRequest' },
    },
  },
  {
    title: 'a streamed object is stored without its frames, and without their name as its coding',
    observe: async (c) => {
      const Body = Readable.from([Buffer.alloc(10_000, 'a')]);
      const { client, server, key } = c;
      const input = { Bucket: server.bucket, Key: key, Body, ContentLength: 10_000 };
      await client.send(new PutObjectCommand(input));
      const { text, ContentEncoding } = await get(c);
      return [text === 'a'.repeat(10_000), ContentEncoding];
    },
    expected: [true, undefined],
    deviations: {
      rgw: { why: 'keeps aws-chunked as its coding', observed: [true, 'aws-chunked'] },
    },
  },
  {
    title: 'tags come along with an upload',
    observe: async (c) => {
      const tagged = await outcome(put(c, 'content', { Tagging: 'school=north&class=4b' }));
      if (tagged !== '200') return tagged;
      const target = { Bucket: c.server.bucket, Key: c.key };
      const tagging = c.client.send(new GetObjectTaggingCommand(target));
      if ((await outcome(tagging)) !== '200') return outcome(tagging);
      const { TagSet = [] } = await tagging;
      return Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value]));
    },
    expected: { school: 'north', class: '4b' },
    deviations: {
      swift: { why: 'has no tags', observed: '501 NotImplemented' },
    },
  },
  {
    title: 'a write that must be the first succeeds once',
    observe: async (c) => {
      const first = { IfNoneMatch: '*' };
      return [
        await outcome(put(c, 'first', first)),
        await outcome(put(c, 'second', first)),
        await outcome(get(c)),
      ];
    },
    expected: ['200', '412 PreconditionFailed', '200'],
    deviations: {
      swift: {
        why: 'has no conditional writes',
        observed: ['501 NotImplemented', '501 NotImplemented', '404 NoSuchKey'],
      },
    },
  },
  {
    title: 'of many writes that must be the first, one succeeds',
    observe: async (c) => {
      const bodies = ['a', 'b', 'c', 'd', 'e', 'f'];
      const all = await Promise.all(
        bodies.map((body) => outcome(put(c, body, { IfNoneMatch: '*' }))),
      );
      const winners = all.filter((result) => result === '200').length;
      if (winners === 0) return new Set(all);
      return [winners, (await get(c)).text === bodies[all.indexOf('200')]];
    },
    expected: [1, true],
    deviations: {
      swift: { why: 'has no conditional writes', observed: new Set(['501 NotImplemented']) },
    },
  },
];
