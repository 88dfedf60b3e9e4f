import { expect, test } from 'vitest';
import { createUploadLimit, paced } from '../../electron/engine/s3/upload-limit.ts';

const { signal } = new AbortController();

/** A clock that goes on to the next moment at which somebody wakes. */
function fakeClock() {
  let nowMs = 0;
  const asleep: { atMs: number; wake: () => void }[] = [];
  return {
    monotonicMs: () => nowMs,
    sleep: (ms: number) =>
      new Promise<void>((wake) => void asleep.push({ atMs: nowMs + ms, wake })),
    async goOn(): Promise<void> {
      await new Promise(setImmediate);
      asleep.sort((a, b) => a.atMs - b.atMs);
      const next = asleep.shift();
      nowMs = next?.atMs ?? nowMs;
      next?.wake();
    },
  };
}

test('all bodies together keep the limit within a tenth in each half minute, whoever sends how much', async () => {
  const clock = fakeClock();
  const rate = 1_000_000;
  const limit = createUploadLimit(() => rate, clock);
  const sent: { atMs: number; bytes: number }[] = [];
  const send = async (bytes: number) => {
    while (clock.monotonicMs() < 90_000)
      for await (const piece of paced(new Uint8Array(bytes), limit, signal))
        sent.push({ atMs: clock.monotonicMs(), bytes: piece.byteLength });
  };
  const ended = { all: false };
  const senders = Promise.all([20_480, 300, 8_000_000, 8_000_000, 1_234_567].map(send));
  void senders.then(() => (ended.all = true));
  while (!ended.all) await clock.goOn();
  for (let fromMs = 0; fromMs <= 60_000; fromMs += 5_000) {
    const within = sent.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + 30_000);
    const bytes = within.reduce((sum, piece) => sum + piece.bytes, 0);
    expect(Math.abs(bytes / (30 * rate) - 1)).toBeLessThan(0.1);
  }
});

test('another limit holds within a second for what is on its way, and none lets it go', async () => {
  const clock = fakeClock();
  let rate: number | undefined = 200_000;
  const limit = createUploadLimit(() => rate, clock);
  const sent: { atMs: number; bytes: number }[] = [];
  const send = async () => {
    for await (const piece of paced(new Uint8Array(5_000_000), limit, signal))
      sent.push({ atMs: clock.monotonicMs(), bytes: piece.byteLength });
  };
  const senders = [send(), send(), send()];
  const goOnUntil = async (atMs: number) => {
    while (clock.monotonicMs() < atMs) await clock.goOn();
  };
  await goOnUntil(6_000);
  rate = 1_000_000;
  await goOnUntil(12_000);
  for (const [fromMs, perSecond] of [
    [1_000, 200_000],
    [7_000, 1_000_000],
  ] as const) {
    const within = sent.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + 5_000);
    const bytes = within.reduce((sum, piece) => sum + piece.bytes, 0);
    expect(Math.abs(bytes / (5 * perSecond) - 1)).toBeLessThan(0.1);
  }
  rate = undefined;
  const offMs = clock.monotonicMs();
  const ended = { all: false };
  void Promise.all(senders).then(() => (ended.all = true));
  while (!ended.all) await clock.goOn();
  expect(clock.monotonicMs() - offMs).toBeLessThan(1_000);
});

test('a pause is not made up for later', async () => {
  const clock = fakeClock();
  const limit = createUploadLimit(() => 100_000, clock);
  await limit.take(1, signal);
  const pause = clock.sleep(60_000);
  await clock.goOn();
  await pause;
  const startMs = clock.monotonicMs();
  const all = Promise.all(Array.from({ length: 20 }, () => limit.take(10_000, signal)));
  for (let i = 0; i < 20; i += 1) await clock.goOn();
  await all;
  expect(clock.monotonicMs() - startMs).toBeGreaterThan(1_600);
});

test('whoever is stopped waits no longer', async () => {
  const limit = createUploadLimit(() => 10);
  await limit.take(1_000, signal);
  const stop = new AbortController();
  const waiting = limit.take(1, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow(/abort/i);
});
