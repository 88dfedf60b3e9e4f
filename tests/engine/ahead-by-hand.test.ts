import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { fingerprintLarge } from '../../electron/engine/files/large-files.ts';
import { MIB } from '../../shared/parts.ts';
import { countingServer, openTestEngine, randomFile, toBio } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

// Only counted.
vi.mock(import('../../electron/engine/files/large-files.ts'), async (original) => {
  const all = await original();
  return { ...all, fingerprintLarge: vi.fn<typeof all.fingerprintLarge>(all.fingerprintLarge) };
});
const reading = vi.mocked(fingerprintLarge);
const QUIET_MS = 100;

test('a file that somebody sends by hand is read while it settles, too, and asked again not once more', async () => {
  await using dir = await tempDir();
  await using home = await tempDir();
  await using server = await countingServer();
  const path = join(dir.path, 'a.mp3');
  await randomFile(path, 9 * MIB);
  const clock = { now: 0 };
  await using own = openTestEngine(server, home.path, {
    quietMs: QUIET_MS,
    monotonicMs: () => clock.now,
  });
  let isSettling = false;
  own.engine.events.on(({ type }) => {
    if (type === 'settling') isSettling = true;
  });
  const begin = async () => {
    isSettling = false;
    const ended = own.engine.uploadNow([path], toBio, AbortSignal.timeout(50_000));
    await expect.poll(() => isSettling).toBe(true);
    clock.now += QUIET_MS / 2;
    return { ended };
  };
  reading.mockClear();
  const first = await begin();
  await expect.poll(() => reading.mock.results.length).toBe(1);
  await reading.mock.results[0]!.value;
  expect(own.engine.jobs.tally()).toEqual([]);
  clock.now += QUIET_MS / 2;
  expect(await first.ended).toMatchObject([{ state: { kind: 'verified' } }]);
  const again = await begin();
  clock.now += QUIET_MS / 2;
  expect(await again.ended).toMatchObject([{ state: { kind: 'verified' } }]);
  expect(reading).toHaveBeenCalledTimes(1);
});
