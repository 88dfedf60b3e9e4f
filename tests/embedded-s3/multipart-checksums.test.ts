import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createHasher,
  joinChecksums,
  type ChecksumName,
} from '../../electron/embedded-s3/body/checksums.ts';
import { openEmbedded, textOf, type Fixture } from './fixture.ts';
import {
  completeUpload,
  createUpload,
  PART_BYTES,
  putPart,
  type ListedPart,
} from './multipart-steps.ts';

const bodies = [Buffer.alloc(PART_BYTES, 'first'), Buffer.from('second')];
const whole = Buffer.concat(bodies);

function sum(name: ChecksumName, bytes: Uint8Array): string {
  const hasher = createHasher(name);
  hasher.update(bytes);
  return hasher.digest().toString('base64');
}

let s3: Fixture;
beforeAll(async () => {
  s3 = await openEmbedded();
});
afterAll(() => s3[Symbol.asyncDispose]());

const announce = (name: string, type?: string) => ({
  'x-amz-checksum-algorithm': name,
  ...(type && { 'x-amz-checksum-type': type }),
});

/** Uploads both bodies, each with its checksum. */
async function upload(name: ChecksumName, type: string) {
  const uploadId = await createUpload(s3, name, announce(name, type));
  const header = `x-amz-checksum-${name.toLowerCase()}`;
  const parts: ListedPart[] = [];
  for (const [index, body] of bodies.entries()) {
    const value = sum(name, body);
    const number = index + 1;
    const put = await putPart(s3, name, { uploadId, number, body }, { [header]: value });
    expect(put.headers[header]).toBe(value);
    const more = `<Checksum${name}>${value}</Checksum${name}>`;
    parts.push({ number, etag: put.headers.etag, more });
  }
  return { uploadId, parts, header };
}

async function storedChecksum(key: string, header: string) {
  const { headers } = await s3.ask('HEAD', key, { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
  return [headers[header], headers['x-amz-checksum-type']];
}

test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
  'a full-object %s is held against all the bytes, and a wrong one fails Complete',
  async (name) => {
    const { uploadId, parts, header } = await upload(name, 'FULL_OBJECT');
    const type = { 'x-amz-checksum-type': 'FULL_OBJECT' };
    const wrong = { ...type, [header]: sum(name, Buffer.from('other')) };
    const refused = await completeUpload(s3, name, { uploadId, parts }, wrong);
    expect([refused.status, refused.code]).toEqual([400, 'BadDigest']);
    expect((await s3.ask('HEAD', name)).status).toBe(404);

    const right = { ...type, [header]: sum(name, whole) };
    const { text } = await completeUpload(s3, name, { uploadId, parts }, right);
    expect(textOf(text, `Checksum${name}`)).toBe(sum(name, whole));
    expect(await storedChecksum(name, header)).toEqual([sum(name, whole), 'FULL_OBJECT']);
    await s3.ask('DELETE', name);
  },
);

test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)(
  'a composite %s is the checksum of the parts’ checksums',
  async (name) => {
    const { uploadId, parts, header } = await upload(name, 'COMPOSITE');
    const listed = bodies.map((body) => ({ sizeBytes: body.length, checksum: sum(name, body) }));
    const value = joinChecksums(name, 'COMPOSITE', listed);
    const digests = Buffer.concat(listed.map(({ checksum }) => Buffer.from(checksum, 'base64')));
    expect(value).toBe(`${sum(name, digests)}-2`);
    const wrong = { [header]: `${sum(name, whole)}-2` };
    const refused = await completeUpload(s3, name, { uploadId, parts }, wrong);
    expect(refused.code).toBe('BadDigest');
    await completeUpload(s3, name, { uploadId, parts }, { [header]: value });
    expect(await storedChecksum(name, header)).toEqual([value, 'COMPOSITE']);
    await s3.ask('DELETE', name);
  },
);

describe('an upload cannot be created', () => {
  test.each([
    ['SHA256', 'FULL_OBJECT'],
    ['SHA1', 'FULL_OBJECT'],
    ['CRC64NVME', 'COMPOSITE'],
    ['CRC32', 'HALF'],
    ['CRC16', undefined],
  ])('with a %s checksum of type %s', async (name, type) => {
    const headers = announce(name, type);
    const response = await s3.ask('POST', 'x', { query: { uploads: '' }, headers });
    expect([response.status, response.code]).toEqual([400, 'InvalidRequest']);
  });

  test('with a checksum type alone', async () => {
    const headers = { 'x-amz-checksum-type': 'FULL_OBJECT' };
    const response = await s3.ask('POST', 'x', { query: { uploads: '' }, headers });
    expect([response.status, response.code]).toEqual([400, 'InvalidRequest']);
  });
});

describe('a part is refused', () => {
  test.each([
    ['with another checksum than its upload announced', announce('CRC32'), 'SHA1'],
    ['without the composite checksum its upload announced', announce('SHA256'), undefined],
  ] as const)('%s', async (_title, announced, name) => {
    const uploadId = await createUpload(s3, 'mismatch', announced);
    const headers = name && { [`x-amz-checksum-${name.toLowerCase()}`]: sum(name, whole) };
    const response = await putPart(s3, 'mismatch', { uploadId, number: 1, body: whole }, headers);
    expect([response.status, response.code]).toEqual([400, 'InvalidRequest']);
    expect(response.text).toContain('Checksum Type mismatch occurred');
  });

  test('with a wrong checksum', async () => {
    const uploadId = await createUpload(s3, 'mismatch', announce('CRC32', 'FULL_OBJECT'));
    const headers = { 'x-amz-checksum-crc32': 'AAAAAA==' };
    const response = await putPart(s3, 'mismatch', { uploadId, number: 1, body: whole }, headers);
    expect([response.status, response.code]).toEqual([400, 'BadDigest']);
    expect((await s3.ask('GET', 'mismatch', { query: { uploadId } })).text).not.toContain('<Part>');
  });
});

test('a full-object upload needs no checksum from its parts', async () => {
  const uploadId = await createUpload(s3, 'trusting', announce('CRC32', 'FULL_OBJECT'));
  const { headers } = await putPart(s3, 'trusting', { uploadId, number: 1, body: whole });
  const parts = [{ number: 1, etag: headers.etag }];
  const { text } = await completeUpload(s3, 'trusting', { uploadId, parts });
  expect(textOf(text, 'ChecksumCRC32')).toBe(sum('CRC32', whole));
});

test('Complete of a composite upload must name the right checksum of every part', async () => {
  const { uploadId, parts } = await upload('SHA256', 'COMPOSITE');
  const without = parts.map(({ number, etag }) => ({ number, etag }));
  const missing = await completeUpload(s3, 'SHA256', { uploadId, parts: without });
  expect([missing.status, missing.code]).toEqual([400, 'InvalidRequest']);
  const swapped = parts.map(({ number, etag }) => ({ number, etag, more: parts[0]?.more ?? '' }));
  const wrong = await completeUpload(s3, 'SHA256', { uploadId, parts: swapped });
  expect([wrong.status, wrong.code]).toEqual([400, 'InvalidPart']);
});

test('Complete refuses another checksum type than the upload was created with', async () => {
  const { uploadId, parts } = await upload('CRC32', 'FULL_OBJECT');
  const headers = { 'x-amz-checksum-type': 'COMPOSITE' };
  const response = await completeUpload(s3, 'CRC32', { uploadId, parts }, headers);
  expect([response.status, response.code]).toEqual([400, 'BadDigest']);
});

test('an upload that announced no checksum verifies the one a part brings along', async () => {
  const uploadId = await createUpload(s3, 'unannounced');
  const put = (value: string) =>
    putPart(
      s3,
      'unannounced',
      { uploadId, number: 1, body: whole },
      { 'x-amz-checksum-crc32': value },
    );
  expect((await put('AAAAAA==')).code).toBe('BadDigest');
  const { headers } = await put(sum('CRC32', whole));
  expect(headers['x-amz-checksum-crc32']).toBe(sum('CRC32', whole));
});

test('an upload that announced no checksum ends in an object with a CRC64NVME', async () => {
  const uploadId = await createUpload(s3, 'default');
  const { headers } = await putPart(s3, 'default', { uploadId, number: 1, body: whole });
  await completeUpload(s3, 'default', { uploadId, parts: [{ number: 1, etag: headers.etag }] });
  const expected = [sum('CRC64NVME', whole), 'FULL_OBJECT'];
  expect(await storedChecksum('default', 'x-amz-checksum-crc64nvme')).toEqual(expected);
});
