import { describe, expect, test } from 'vitest';
import { openEmbedded, textOf, type Fixture } from './fixture.ts';

const START_MS = Date.UTC(2026, 4, 5, 10, 30);
const DAY_MS = 86_400_000;

/** A server whose clock the test moves, and that takes an hour for a restore. */
async function open(tieredTo?: 'ARCHIVE_ACCESS' | 'DEEP_ARCHIVE_ACCESS') {
  let nowMs = START_MS;
  const switches = { restoreMs: 3_600_000, ...(tieredTo && { tieredTo }) };
  const s3 = await openEmbedded({ nowMs: () => nowMs, switches });
  const ask: Fixture['ask'] = (method, key, more) => s3.ask(method, key, { atMs: nowMs, ...more });
  const put = (key: string, storageClass: string) =>
    ask('PUT', key, { body: 'sound', headers: { 'x-amz-storage-class': storageClass } });
  const order = (key: string, body: string) =>
    ask('POST', key, { query: { restore: '' }, body: `<RestoreRequest>${body}</RestoreRequest>` });
  return {
    ask,
    bucket: s3.bucket,
    put,
    restore: (key: string, days: number | undefined, tier: string) =>
      order(
        key,
        `${days === undefined ? '' : `<Days>${days}</Days>`}<GlacierJobParameters><Tier>${tier}</Tier></GlacierJobParameters>`,
      ),
    order,
    pass: (ms: number) => void (nowMs += ms),
    said: async (key: string) => (await ask('HEAD', key)).headers['x-amz-restore'],
    [Symbol.asyncDispose]: () => s3[Symbol.asyncDispose](),
  };
}

test.each(['GLACIER', 'DEEP_ARCHIVE'])(
  'what is in %s is looked at, not read, until it is restored, and again when its copy has ended',
  async (storageClass) => {
    await using s3 = await open();
    await s3.put('k', storageClass);
    expect((await s3.ask('HEAD', 'k')).status).toBe(200);
    expect(await s3.said('k')).toBeUndefined();
    const closed = await s3.ask('GET', 'k');
    expect([closed.status, closed.code]).toEqual([403, 'InvalidObjectState']);
    expect(textOf(closed.text, 'StorageClass')).toBe(storageClass);
    const copied = await s3.ask('PUT', 'copy', {
      headers: { 'x-amz-copy-source': `${s3.bucket}/k` },
    });
    expect([copied.status, copied.code]).toEqual([403, 'ObjectNotInActiveTierError']);

    expect((await s3.restore('k', 3, 'Bulk')).status).toBe(202);
    expect(await s3.said('k')).toBe('ongoing-request="true"');
    expect((await s3.ask('GET', 'k')).code).toBe('InvalidObjectState');
    const again = await s3.restore('k', 3, 'Bulk');
    expect([again.status, again.code]).toEqual([409, 'RestoreAlreadyInProgress']);
    // It may only be made faster.
    expect((await s3.restore('k', 3, 'Standard')).status).toBe(202);

    s3.pass(3_600_000);
    // Three days after 5 May, 11:30, and on to the next midnight.
    expect(await s3.said('k')).toBe(
      'ongoing-request="false", expiry-date="Sat, 09 May 2026 00:00:00 GMT"',
    );
    expect((await s3.ask('GET', 'k')).text).toBe('sound');
    expect((await s3.ask('HEAD', 'k')).headers['x-amz-storage-class']).toBe(storageClass);
    s3.pass(DAY_MS);
    expect((await s3.restore('k', 1, 'Standard')).status).toBe(200);
    expect(await s3.said('k')).toContain('Fri, 08 May 2026');

    s3.pass(2 * DAY_MS);
    expect(await s3.said('k')).toBeUndefined();
    expect((await s3.ask('GET', 'k')).code).toBe('InvalidObjectState');
    expect((await s3.restore('k', 1, 'Standard')).status).toBe(202);
  },
);

test('out of Intelligent-Tiering an object comes back for good, and no days are taken', async () => {
  await using s3 = await open('ARCHIVE_ACCESS');
  await s3.put('k', 'INTELLIGENT_TIERING');
  expect((await s3.ask('HEAD', 'k')).headers['x-amz-archive-status']).toBe('ARCHIVE_ACCESS');
  expect((await s3.ask('GET', 'k')).code).toBe('InvalidObjectState');
  expect((await s3.restore('k', 1, 'Standard')).code).toBe('InvalidArgument');
  expect((await s3.restore('k', undefined, 'Expedited')).status).toBe(202);
  s3.pass(3_600_000);
  const back = await s3.ask('GET', 'k');
  expect([back.text, back.headers['x-amz-archive-status']]).toEqual(['sound', undefined]);
});

describe('no restore is begun', () => {
  test.each([
    ['of what is not there', 'none', 1, 'Standard', 404, 'NoSuchKey'],
    ['of what is in no archive', 'STANDARD', 1, 'Standard', 403, 'InvalidObjectState'],
    ['without days', 'GLACIER', undefined, 'Standard', 400, 'MalformedXML'],
    ['for no days', 'GLACIER', 0, 'Standard', 400, 'MalformedXML'],
    ['at a speed that nobody has', 'GLACIER', 1, 'Soon', 400, 'MalformedXML'],
    ['within minutes of what lies deep', 'DEEP_ARCHIVE', 1, 'Expedited', 400, 'InvalidArgument'],
  ] as const)('%s', async (_, place, days, tier, status, code) => {
    await using s3 = await open();
    if (place !== 'none') await s3.put('k', place);
    const answer = await s3.restore('k', days, tier);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(await s3.said('k')).toBeUndefined();
  });
});

test('the usual speed is taken where none is named', async () => {
  await using s3 = await open();
  await s3.put('k', 'GLACIER');
  expect((await s3.order('k', '<Days>1</Days>')).status).toBe(202);
  expect((await s3.restore('k', 1, 'Standard')).code).toBe('RestoreAlreadyInProgress');
});
