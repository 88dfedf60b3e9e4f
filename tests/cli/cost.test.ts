/** @file `cost`: what the storage costs a month, with old versions and unfinished uploads, and the prices that it goes by. */
import {
  CreateMultipartUploadCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { openSdk } from '../support/sdk-client.ts';

const MB = 1_000_000;
const line = (of: string, storageClass: string, bytes: number) => ({ of, storageClass, bytes });

async function openFilled() {
  const stack = new AsyncDisposableStack();
  const s3 = await countingServer();
  let closed: PromiseLike<void> | undefined;
  const close = () => (closed ??= s3[Symbol.asyncDispose]());
  stack.defer(async () => close());
  const cli = stack.use(await openCli(s3));
  const client = stack.use(openSdk(s3));
  const Bucket = s3.bucket;
  const put = (Key: string, bytes: number, StorageClass?: 'GLACIER_IR') =>
    client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(bytes), StorageClass }));
  return {
    s3,
    cli,
    close,
    async fill() {
      const VersioningConfiguration = { Status: 'Enabled' } as const;
      await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      await put('audio/bio-101/a.mp3', MB);
      await put('audio/bio-101/a.mp3', 2 * MB);
      await put('audio/bio-101/b.mp3', 3 * MB, 'GLACIER_IR');
      const at = { Bucket, Key: 'audio/bio-101/c.mp3' };
      const open = new CreateMultipartUploadCommand({ ...at, StorageClass: 'DEEP_ARCHIVE' });
      const { UploadId } = await client.send(open);
      const Body = Buffer.alloc(4 * MB);
      await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body }));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('all that is paid for is counted, by class; without prices for this storage none is invented', async () => {
  await using on = await openFilled();
  const { cli } = on;
  const before = await cli.run('cost', '--offline');
  expect(before.stdout).toContain('The storage was never listed from here');
  expect(before.stdout).toContain('Old versions and unfinished uploads were not looked for');
  expect(before.stdout).toContain('What it costs is not known');
  await on.fill();
  await cli.run('cost', 'set', 'STANDARD', '--month', '1.073741824', '--puts', '0.5');
  const found = (await cli.run('cost', '--json')).json();
  expect(found.lines).toMatchObject([
    line('stored', 'STANDARD', 2 * MB),
    line('stored', 'GLACIER_IR', 3 * MB),
    line('old', 'STANDARD', MB),
    line('unfinished', 'STANDARD', 4 * MB),
  ]);
  expect(found.lines[0].dollars).toBeCloseTo(0.002, 9);
  expect(found.lines[1].dollars).toBeNull();
  expect(found.total).toMatchObject({ objects: 4, bytes: 10 * MB, isWhole: false });
  expect(found.total.dollars).toBeCloseTo(0.007, 9);
  expect(found.estimate).toBe(true);
  expect(found.prices).toEqual({
    STANDARD: { month: 1.073741824, puts: 0.5, moves: 0, watch: 0, isOwn: true },
  });
  const text = (await cli.run('cost', '--move-to', 'GLACIER')).stdout;
  expect(text).toContain('without what has no price here');
  expect(text).toContain('STANDARD, old versions');
  expect(text).toContain('STANDARD, unfinished uploads');
  expect(text).toContain('What it would save cannot be said without the prices.');
  expect((await cli.run('cost', 'reset', '--json')).json().prices).toEqual({});
});

test('after a listing of another bucket, the one that is asked about is listed before it is reckoned', async () => {
  await using on = await openFilled();
  await on.fill();
  expect((await on.cli.run('cost', '--json')).json().lines).toHaveLength(4);
  await using other = await openServer('embedded');
  await using beside = await openCli(other, { PANSEA_SYNC_HOME: on.cli.env['PANSEA_SYNC_HOME']! });
  const offline = (await beside.run('cost', '--offline', '--json')).json();
  expect([offline.lines, offline.indexedAt]).toEqual([[], null]);
  const listed = (await beside.run('cost', '--json')).json();
  expect([listed.lines, typeof listed.indexedAt]).toEqual([[], 'string']);
});

test('what may not be seen is named, and whom to ask; a storage that is away leaves the last listing', async () => {
  await using on = await openFilled();
  await on.fill();
  on.s3.switches.denied = ['ListObjectVersions', 'GetBucketVersioning', 'ListMultipartUploads'];
  const denied = await on.cli.run('cost');
  expect(denied.code).toBe(1);
  expect(denied.stdout).toContain('Old versions could not be seen: where there are any');
  expect(denied.stdout).toContain('Unfinished uploads could not be seen: where there are any');
  const { troubles, seen, lines } = (await on.cli.run('cost', '--json')).json();
  expect(troubles.map(({ code }: { code: string }) => code)).toEqual([
    'versions-denied',
    'unfinished-denied',
  ]);
  expect(seen).toEqual({ oldVersions: false, unfinished: false });
  expect(lines).toHaveLength(2);
  on.s3.switches.denied = ['ListParts'];
  const unknown = await on.cli.run('cost');
  expect(unknown.stdout).toContain('Of 1 unfinished upload nobody knows how much they hold');
  expect([unknown.code, (await on.cli.run('cost', '--offline')).code]).toEqual([1, 0]);
  await on.close();
  const away = await on.cli.run('cost', '--json');
  expect([away.code, away.json().lines.length, away.json().troubles]).toEqual([
    1,
    2,
    [expect.objectContaining({ code: 'offline' })],
  ]);
});

test('an empty bucket costs nothing, and a price has to be one', async () => {
  await using on = await openFilled();
  expect((await on.cli.run('cost')).stdout).toContain('Nothing is stored');
  for (const wrong of [
    ['set', 'STANDARD', '--month', 'cheap'],
    ['set', 'standard', '--month', '1'],
    ['set', 'STANDARD'],
    ['set', 'STANDARD', '--puts', '1'],
    ['show', '--older-than', '7', '--move-to', 'GLACIER'],
    ['show', '--move-to', 'STANDARD'],
  ])
    expect((await on.cli.run('cost', ...wrong)).code).toBe(2);
});
