import { createHash } from 'node:crypto';
import { beforeEach, afterEach, expect, test } from 'vitest';
import { openEmbedded, textOf, texts, type Fixture } from './fixture.ts';

let s3: Fixture;
beforeEach(async () => {
  s3 = await openEmbedded();
});
afterEach(() => s3[Symbol.asyncDispose]());

async function setVersioning(status: string) {
  const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
  return s3.ask('PUT', '', { query: { versioning: '' }, body });
}

const status = async () =>
  textOf((await s3.ask('GET', '', { query: { versioning: '' } })).text, 'Status');

const put = async (body: string): Promise<string> => {
  const { headers } = await s3.ask('PUT', 'k', { body });
  return String(headers['x-amz-version-id']);
};
const get = (versionId?: string) =>
  s3.ask('GET', 'k', versionId === undefined ? {} : { query: { versionId } });

test('versioning is off, then on or suspended, and a bucket tells which', async () => {
  expect(await status()).toBe('');
  await setVersioning('Enabled');
  expect(await status()).toBe('Enabled');
  await setVersioning('Suspended');
  expect(await status()).toBe('Suspended');
  expect((await setVersioning('Off')).code).toBe('IllegalVersioningConfigurationException');
});

test('every version can be read, and the newest is read without its id', async () => {
  await s3.ask('PUT', 'k', { body: 'before' });
  await setVersioning('Enabled');
  const first = await put('first');
  const second = await put('second');
  expect((await get()).text).toBe('second');
  expect((await get(first)).text).toBe('first');
  expect((await get('null')).text).toBe('before');
  expect((await get(second)).headers['x-amz-version-id']).toBe(second);
  const unknown = await get('unknown');
  expect([unknown.status, unknown.code]).toEqual([404, 'NoSuchVersion']);
});

test('a delete leaves a marker, and deleting the marker brings the object back', async () => {
  await setVersioning('Enabled');
  await put('content');
  const deleted = await s3.ask('DELETE', 'k');
  const marker = String(deleted.headers['x-amz-version-id']);
  expect([deleted.status, deleted.headers['x-amz-delete-marker']]).toEqual([204, 'true']);
  const gone = await get();
  expect([gone.status, gone.code, gone.headers['x-amz-delete-marker']]).toEqual([
    404,
    'NoSuchKey',
    'true',
  ]);
  expect((await get(marker)).status).toBe(405);
  expect(texts((await s3.ask('GET')).text, 'Key')).toEqual([]);

  const undone = await s3.ask('DELETE', 'k', { query: { versionId: marker } });
  expect(undone.headers['x-amz-delete-marker']).toBe('true');
  expect((await get()).text).toBe('content');
});

test('deleting the newest version by its id makes the one before the newest', async () => {
  await setVersioning('Enabled');
  await put('first');
  const second = await put('second');
  await s3.ask('DELETE', 'k', { query: { versionId: second } });
  expect((await get()).text).toBe('first');
  expect(texts((await s3.ask('GET')).text, 'Key')).toEqual(['k']);
});

test('suspended versioning overwrites the one version without an id and keeps the others', async () => {
  await setVersioning('Enabled');
  const kept = await put('kept');
  await setVersioning('Suspended');
  expect(await put('null 1')).toBe('null');
  await put('null 2');
  expect((await get()).text).toBe('null 2');
  expect((await get(kept)).text).toBe('kept');
  const { text } = await s3.ask('GET', '', { query: { versions: '' } });
  expect(texts(text, 'VersionId')).toEqual(['null', kept]);
  await s3.ask('DELETE', 'k');
  const after = await s3.ask('GET', '', { query: { versions: '' } });
  expect(texts(after.text, 'VersionId')).toEqual(['null', kept]);
  expect(after.text).toContain('<DeleteMarker>');
});

test('versions are listed by key, newest first, on pages of any size', async () => {
  await setVersioning('Enabled');
  for (const key of ['a', 'b', 'c/1', 'c/2']) {
    await s3.ask('PUT', key, { body: '1' });
    await s3.ask('PUT', key, { body: '22' });
  }
  await s3.ask('DELETE', 'b');
  const found: string[] = [];
  let marker: Record<string, string> = {};
  for (let more = true; more;) {
    const query = { versions: '', 'max-keys': '2', ...marker };
    const { text } = await s3.ask('GET', '', { query });
    const entries = text.match(/<(?:Version|DeleteMarker)>.*?<\/(?:Version|DeleteMarker)>/gu) ?? [];
    found.push(
      ...entries.map((entry) => `${textOf(entry, 'Key')} ${textOf(entry, 'Size') || 'marker'}`),
    );
    more = textOf(text, 'IsTruncated') === 'true';
    marker = {
      'key-marker': textOf(text, 'NextKeyMarker'),
      'version-id-marker': textOf(text, 'NextVersionIdMarker'),
    };
  }
  expect(found).toEqual([
    'a 2',
    'a 1',
    'b marker',
    'b 2',
    'b 1',
    'c/1 2',
    'c/1 1',
    'c/2 2',
    'c/2 1',
  ]);
  const { text } = await s3.ask('GET', '', { query: { versions: '', delimiter: '/', prefix: '' } });
  expect(text).toContain('<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>');
});

test('DeleteObjects says which markers it made and removes single versions', async () => {
  await setVersioning('Enabled');
  const first = await put('first');
  const body = `<Delete><Object><Key>k</Key></Object><Object><Key>k</Key><VersionId>${first}</VersionId></Object></Delete>`;
  const md5 = createHash('md5').update(body).digest('base64');
  const headers = { 'content-md5': md5 };
  const { text } = await s3.ask('POST', '', { query: { delete: '' }, body, headers });
  expect(texts(text, 'DeleteMarker')).toEqual(['true']);
  expect(texts(text, 'VersionId')).toEqual([first]);
  const versions = await s3.ask('GET', '', { query: { versions: '' } });
  expect(texts(versions.text, 'VersionId')).toEqual(texts(text, 'DeleteMarkerVersionId'));
});

test('a write that must be the first may follow a delete marker', async () => {
  await setVersioning('Enabled');
  await put('old');
  await s3.ask('DELETE', 'k');
  const response = await s3.ask('PUT', 'k', { body: 'new', headers: { 'if-none-match': '*' } });
  expect(response.status).toBe(200);
});
