/** @file What tests can switch off, break or damage in the server; and that nothing but a test can. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import { countingServer, openRemote, objectBytes, unfinishedUploads } from '../support/engine.ts';

const signal = () => AbortSignal.timeout(30_000);
const headers = { contentType: 'audio/mpeg', metadata: { user_id: 'a' } };
const bytes = Buffer.alloc(5 * MIB, 'sound');
const print = crc32(bytes);

test('a denied operation is refused, a missing one is not known, and the others work', async () => {
  await using s3 = await countingServer({ denied: ['HeadObject'], missing: ['ListParts'] });
  using remote = openRemote(s3);
  await remote.putObject('k', bytes, print, headers, signal());
  await expect(remote.head('k', signal())).rejects.toMatchObject({ code: 'read-denied' });
  const id = await remote.createUpload('l', headers, signal());
  // The ledger's list has to do.
  expect(await remote.listParts('l', id, signal())).toBeUndefined();
  s3.switches.denied = [];
  expect(await remote.head('k', signal())).toMatchObject({ crc32: print });
});

test('a lost answer is lost after the storage has done what it was asked', async () => {
  await using s3 = await countingServer({ lost: ['PutObject'] });
  using remote = openRemote(s3);
  // The client's own second try hears that the key is taken.
  await expect(remote.putObject('k', bytes, print, headers, signal())).rejects.toMatchObject({
    code: 'key-taken',
  });
  expect((await objectBytes(remote, 'k')).equals(bytes)).toBe(true);
});

test('without checksums none is kept and none told; a storage that refuses them is written to without', async () => {
  await using s3 = await countingServer({ checksums: 'ignored' });
  using remote = openRemote(s3);
  await remote.putObject('k', bytes, print, headers, signal());
  expect((await remote.head('k', signal()))?.crc32).toBeUndefined();
  const id = await remote.createUpload('l', headers, signal());
  const etag = await remote.putPart('l', id, 1, bytes, print, signal());
  const part = { number: 1, etag, sizeBytes: bytes.length, crc32: print };
  // Nobody looks at it, so nobody finds that it is wrong.
  await remote.completeUpload('l', id, [part], { sizeBytes: 1, crc32: 1 }, signal());
  expect(await remote.head('l', signal())).toMatchObject({
    sizeBytes: bytes.length,
    crc32: undefined,
  });
  s3.switches.checksums = 'refused';
  expect(await remote.putObject('m', bytes, print, headers, signal())).toBeUndefined();
  expect(s3.requests.filter(({ status }) => status === 501)).toHaveLength(1);
});

test('without conditions a write overwrites; a storage that refuses them is written to without', async () => {
  await using s3 = await countingServer({ conditions: 'ignored' });
  using remote = openRemote(s3);
  const other = Buffer.from('other');
  await remote.putObject('k', bytes, print, headers, signal());
  await remote.putObject('k', other, crc32(other), headers, signal());
  expect((await objectBytes(remote, 'k')).equals(other)).toBe(true);
  s3.switches.conditions = 'refused';
  await remote.putObject('l', bytes, print, headers, signal());
  expect((await objectBytes(remote, 'l')).equals(bytes)).toBe(true);
});

test('random ETags differ for equal bytes, and complete an upload all the same', async () => {
  await using s3 = await countingServer({ etags: 'random' });
  using remote = openRemote(s3);
  const etags = new Set<string>();
  for (const key of ['k', 'l']) {
    await remote.putObject(key, bytes, print, headers, signal());
    etags.add((await remote.head(key, signal()))!.etag);
  }
  const id = await remote.createUpload('m', headers, signal());
  const etag = await remote.putPart('m', id, 1, bytes, print, signal());
  etags.add(etag);
  const whole = { sizeBytes: bytes.length, crc32: print };
  await remote.completeUpload('m', id, [{ number: 1, etag, ...whole }], whole, signal());
  expect(etags.size).toBe(3);
  expect((await objectBytes(remote, 'm')).equals(bytes)).toBe(true);
});

test('stored bytes can rot, an object can vanish, and uploads can be dropped, as if nobody had asked', async () => {
  await using s3 = await countingServer();
  using remote = openRemote(s3);
  await remote.putObject('k', bytes, print, headers, signal());
  await s3.damage.flipBit('k', 7);
  const rotten = Buffer.from(bytes);
  rotten[7]! ^= 1;
  expect((await objectBytes(remote, 'k')).equals(rotten)).toBe(true);
  expect((await remote.head('k', signal()))?.crc32).toBe(print);
  await s3.damage.remove('k');
  expect(await remote.head('k', signal())).toBeUndefined();
  const id = await remote.createUpload('l', headers, signal());
  expect(await s3.damage.dropUploads()).toBe(1);
  expect(await unfinishedUploads(s3)).toEqual([]);
  await expect(remote.putPart('l', id, 1, bytes, print, signal())).rejects.toMatchObject({
    code: 'upload-gone',
  });
});

test('no part of the product gives switches to the server, or lets a person or an environment give them', () => {
  const root = join(import.meta.dirname, '../../electron');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({
      name: name.replaceAll('\\', '/'),
      text: readFileSync(join(root, name), 'utf8'),
    }));
  const starting = sources
    .filter(({ text }) => /startEmbeddedS3\(/.test(text))
    .map(({ name }) => name);
  expect(starting.toSorted()).toEqual([
    'cli/verbs/embedded-s3.ts',
    'demo/demo.ts',
    'embedded-s3/server.ts',
  ]);
  const naming = sources
    .filter(({ text }) => /\bSwitches\b|\bswitches[?:.]/.test(text))
    .map(({ name }) => name);
  expect(naming.filter((name) => !name.startsWith('embedded-s3/'))).toEqual([]);
  const reading = sources.filter(
    ({ name, text }) => name.startsWith('embedded-s3/') && text.includes('process.env'),
  );
  expect(reading.map(({ name }) => name)).toEqual([]);
});
