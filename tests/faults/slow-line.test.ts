import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { lineOf } from '../../electron/engine/s3/line.ts';
import type { AppError } from '../../shared/errors.ts';
import { MIB } from '../../shared/parts.ts';
import { countingServer, openRemote } from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';

const MINUTE = 60_000;
const headers = { contentType: 'audio/mpeg', metadata: {} };

test('a part whose end sits in the send buffer for longer than the wait gets through all the same', async () => {
  await using s3 = await countingServer();
  await using proxy = await openFaultProxy(s3);
  // Three seconds for what the system takes at once; a silence of half a second is a dead line.
  using remote = openRemote(proxy.access, { idleMs: 500 });
  const signal = AbortSignal.timeout(60_000);
  const body = Buffer.alloc(3 * MIB, 'x');
  proxy.add({ match: 'UploadPart', action: { kind: 'rate', bytesPerSecond: MIB } });
  const id = await remote.createUpload('k', headers, signal);
  const put = () => remote.putPart('k', id, 1, body, crc32(body), signal);
  const outcomes: string[] = [];
  while (outcomes.at(-1) !== 'stored' && outcomes.length < 8)
    outcomes.push(
      await put().then(
        () => 'stored',
        (error: AppError) => error.code,
      ),
    );
  expect(outcomes.at(-1)).toBe('stored');
  expect(new Set(outcomes)).toEqual(new Set(['offline', 'stored']));
  // From then on nothing is sent twice.
  const before = proxy.count('UploadPart');
  await put();
  expect(proxy.count('UploadPart')).toBe(before + 1);
});

test('a stalled line is noticed still, by the least wait where the line was fast', async () => {
  await using s3 = await countingServer();
  await using proxy = await openFaultProxy(s3);
  using remote = openRemote(proxy.access, { idleMs: 1_000 });
  const signal = AbortSignal.timeout(60_000);
  const body = Buffer.alloc(3 * MIB, 'x');
  await remote.putObject('a', body, crc32(body), headers, signal);
  proxy.add({ match: 'PutObject', action: { kind: 'stallAfter', bytes: MIB } });
  const stalled = remote.putObject('b', body, crc32(body), headers, signal);
  await expect(stalled).rejects.toMatchObject({ code: 'offline' });
});

test('the wait follows the line: short when it is fast, doubled in vain, and never for ever', () => {
  const line = lineOf(MINUTE);
  expect(line.waitMs(8 * MIB)).toBe(MINUTE);
  for (let minutes = 1; minutes <= 32; minutes *= 2) {
    expect(line.waitMs(8 * MIB)).toBe(minutes * MINUTE);
    // Six parts fall silent together: that is one silence.
    const waited = line.waitMs(8 * MIB);
    for (let part = 0; part < 6; part += 1) line.silent(8 * MIB, waited);
  }
  for (let i = 0; i < 20; i += 1) line.silent(8 * MIB, line.waitMs(8 * MIB));
  expect(line.waitMs(8 * MIB)).toBeLessThan(70 * MINUTE);
  expect(line.waitMs(0)).toBe(MINUTE);
  // 56 kbit/s: twice the twenty minutes that a part takes.
  line.took(8 * MIB, 20 * MINUTE);
  expect(line.waitMs(8 * MIB)).toBe(40 * MINUTE);
  // Small requests say nothing of the line, whether they pass or not.
  line.took(200, 50);
  line.silent(200, MINUTE);
  expect(line.waitMs(8 * MIB)).toBe(40 * MINUTE);
  line.took(8 * MIB, 2_000);
  expect(line.waitMs(8 * MIB)).toBe(MINUTE);
});
