import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checksumNames,
  createHasher,
  type ChecksumName,
} from '../../electron/embedded-s3/body/checksums.ts';
import { filesIn, openEmbedded, type Fixture } from './fixture.ts';

const body = Buffer.from('123456789');
/** The published check values of the five algorithms over "123456789". */
const known: Record<ChecksumName, string> = {
  CRC32: Buffer.from('cbf43926', 'hex').toString('base64'),
  CRC32C: Buffer.from('e3069283', 'hex').toString('base64'),
  CRC64NVME: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
  SHA1: createHash('sha1').update(body).digest('base64'),
  SHA256: createHash('sha256').update(body).digest('base64'),
};
const md5 = (text: string): string => createHash('md5').update(text).digest('base64');
const wrong = (name: ChecksumName): string => {
  const bytes = Buffer.from(known[name], 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
};

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

/** What comes of an upload with these headers: status and code, and whether it left anything. */
async function outcome(headers: Record<string, string>, payload?: string) {
  const response = await s3.ask('PUT', 'refused', { body, headers, ...(payload && { payload }) });
  const isFound = (await s3.ask('HEAD', 'refused')).status !== 404;
  const { tmp } = await filesIn(s3.dataDir);
  return [response.status, response.code, isFound || tmp.length > 0 ? 'stored' : 'nothing stored'];
}
const refused = (code: string) => [400, code, 'nothing stored'];

describe.each(checksumNames)('%s', (name) => {
  const header = `x-amz-checksum-${name.toLowerCase()}`;

  test('is verified, stored and given back', async () => {
    const put = await s3.ask('PUT', name, { body, headers: { [header]: known[name] } });
    expect(put.headers[header]).toBe(known[name]);
    const asked = await s3.ask('GET', name, { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
    expect(asked.headers[header]).toBe(known[name]);
    expect(asked.headers['x-amz-checksum-type']).toBe('FULL_OBJECT');
    expect((await s3.ask('HEAD', name)).headers[header]).toBeUndefined();
  });

  test('keeps an object with other bytes out', async () => {
    expect(await outcome({ [header]: wrong(name) })).toEqual(refused('BadDigest'));
  });

  test.each(['', 'AAA', `${known[name]}AA`, 'not base64!'])('cannot be %j', async (value) => {
    expect(await outcome({ [header]: value })).toEqual(refused('InvalidRequest'));
  });

  test('is the same however the bytes arrive', () => {
    const bytes = Buffer.alloc(1000, 'uneven');
    const whole = createHasher(name);
    whole.update(bytes);
    const pieces = createHasher(name);
    for (let start = 0, size = 0; start < bytes.length; start += size, size += 1) {
      pieces.update(bytes.subarray(start, start + size));
    }
    expect(pieces.digest()).toEqual(whole.digest());
  });
});

test('an object uploaded with no checksum gets a CRC64NVME', async () => {
  await s3.ask('PUT', 'plain', { body });
  const head = await s3.ask('HEAD', 'plain', { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
  expect(head.headers['x-amz-checksum-crc64nvme']).toBe(known.CRC64NVME);
});

test('a wrong Content-MD5 keeps the object out, and so does one that is none', async () => {
  expect(await outcome({ 'content-md5': md5('other') })).toEqual(refused('BadDigest'));
  expect(await outcome({ 'content-md5': 'AAAA' })).toEqual(refused('InvalidDigest'));
  const headers = { 'content-md5': md5('123456789') };
  expect((await s3.ask('PUT', 'md5', { body, headers })).status).toBe(200);
});

test('a payload other than the one that was signed keeps the object out', async () => {
  const other = createHash('sha256').update('other').digest('hex');
  expect(await outcome({}, other)).toEqual(refused('XAmzContentSHA256Mismatch'));
  expect(await outcome({}, 'SOMETHING-ELSE')).toEqual(refused('InvalidArgument'));
});

test('two checksums, or a promise of one that does not come, are refused', async () => {
  const crc32 = { 'x-amz-checksum-crc32': known.CRC32 };
  expect(await outcome({ ...crc32, 'x-amz-checksum-sha1': known.SHA1 })).toEqual(
    refused('InvalidRequest'),
  );
  expect(await outcome({ 'x-amz-sdk-checksum-algorithm': 'CRC32' })).toEqual(
    refused('InvalidRequest'),
  );
  expect(await outcome({ ...crc32, 'x-amz-sdk-checksum-algorithm': 'SHA1' })).toEqual(
    refused('InvalidRequest'),
  );
});
