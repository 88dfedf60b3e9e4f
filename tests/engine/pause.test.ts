/** @file A pause holds for as long as was asked, whatever happens to the app meanwhile, and never for longer. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { LONGEST_PAUSE_MS, pauseEndMs } from '../../shared/pause.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { createPause } from '../../electron/engine/queue/pause.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { apiOf, openTestAppHost, type TestAppHost } from '../support/app-host.ts';
import { storageEnv } from '../support/cli.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A recording that waits, and where it is asked for. */
async function record(app: TestAppHost) {
  const api = apiOf(app);
  const rule = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  await writeFile(join(app.folder, 'a.mp3'), 'sound');
  return countOf(app);
}
const countOf = (app: TestAppHost) => (filter: 'waiting' | 'done') => async () =>
  (await apiOf(app).listJobs({ filter, offset: 0, limit: 1 })).total;

test('it outlives the app and a connection that is opened anew, and ends when somebody resumes', async () => {
  await using app = await openTestAppHost();
  await apiOf(app).setPaused({ isPaused: true });
  const count = await record(app);
  await expect.poll(count('waiting')).toBe(1);
  // Who quits now is told that it waits, and goes on waiting.
  const stands = { by: 'person', untilMs: null };
  expect(app.host.undone()).toEqual({ moving: 0, waiting: 1, stands, isOverruled: false });
  await app.host.stop();

  await using later = await openTestAppHost({ env: storageEnv(app.s3), homePath: app.homePath });
  const api = apiOf(later);
  await expect
    .poll(() => api.getStatus({}))
    .toMatchObject({
      isPaused: true,
      pausedUntilMs: null,
      reason: 'Uploads are paused. 1 file is waiting.',
    });
  const untilMs = pauseEndMs('tomorrow', Date.now());
  await api.setPaused({ isPaused: true, untilMs });
  expect(await api.getStatus({})).toMatchObject({ isPaused: true, pausedUntilMs: untilMs });
  expect(await countOf(later)('waiting')()).toBe(1);
  await api.setPaused({ isPaused: false });
  await expect.poll(countOf(later)('done')).toBe(1);
  expect(await api.getStatus({})).toMatchObject({ isPaused: false, pausedUntilMs: null });
});

test('one with an end goes on by itself, and the window hears of it', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  const endMs = Date.now() + 3_000;
  await api.setPaused({ isPaused: true, untilMs: endMs });
  const told: number[] = [];
  app.host.onEvent(({ type }) => type === 'status' && told.push(Date.now()));
  await expect
    .poll(() => api.getStatus({}))
    .toMatchObject({ isPaused: false, pausedUntilMs: null });
  await expect.poll(() => told.some((atMs) => atMs >= endMs)).toBe(true);
  const count = await record(app);
  await expect.poll(count('done')).toBe(1);
});

test('an end that has passed or is far away is not taken', async () => {
  await using app = await openTestAppHost();
  for (const awayMs of [-1, LONGEST_PAUSE_MS + 60_000])
    await expect(
      apiOf(app).setPaused({ isPaused: true, untilMs: Date.now() + awayMs }),
    ).rejects.toMatchObject({ code: 'usage' });
  expect(await apiOf(app).getStatus({})).toMatchObject({ isPaused: false });
});

test.each([
  ['its end has passed meanwhile', (endMs: number) => endMs],
  ['the clock was set back by a year', (endMs: number) => endMs - 365 * 86_400_000],
  ['what is saved cannot be read', undefined],
] as const)('none is left where %s', async (_, nowOf) => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: join(dir.path, 'home') });
  const queue = {
    isPaused: false,
    setPaused(isPaused: boolean) {
      this.isPaused = isPaused;
    },
  };
  const at = (nowMs: () => number) =>
    createPause({ database, queue, notNow: () => [], nowMs, onChange: vi.fn<() => void>() });
  try {
    const startMs = Date.now();
    const first = at(() => startMs);
    const endMs = startMs + 3_600_000;
    first.set({ untilMs: endMs });
    first.stop();
    expect(queue.isPaused).toBe(true);
    if (!nowOf) settingStore(database).set('paused', 'whatever');
    const later = at(() => nowOf?.(endMs) ?? startMs);
    later.stop();
    expect([queue.isPaused, later.why()]).toEqual([false, undefined]);
  } finally {
    close();
  }
});

/** A pause of its own home, on a clock and with a timetable that the test sets. */
async function pauseAt(startMs: number) {
  const dir = await tempDir();
  const { database, close } = lockHome({ path: join(dir.path, 'home') });
  const at = { nowMs: startMs, offUntilMs: undefined as number | undefined };
  const open = () =>
    createPause({
      database,
      queue: { isPaused: false, setPaused: () => {} },
      notNow: () => (at.offUntilMs === undefined ? [] : [{ by: 'week', untilMs: at.offUntilMs }]),
      nowMs: () => at.nowMs,
      onChange: () => {},
    });
  const end = async () => {
    close();
    await dir[Symbol.asyncDispose]();
  };
  return { at, open, [Symbol.asyncDispose]: end };
}

test('what a person has overruled ends with it: another timetable is heeded at once', async () => {
  await using its = await pauseAt(1_000);
  its.at.offUntilMs = 5_000;
  const pause = its.open();
  pause.set(null);
  expect(pause.why()).toBeUndefined();
  // Whoever ends the app meanwhile finds them off again.
  expect(pause.whyNextTime()).toEqual({ by: 'week', untilMs: 5_000 });
  its.at.offUntilMs = 9_000;
  expect(pause.why()).toEqual({ by: 'week', untilMs: 9_000 });
  pause.stop();
});

test.each([
  ['a pause without an end', 4, false],
  ['hours that are off whenever the app runs', 8, true],
] as const)(
  '%s is told once it has lasted for days, and is no news after an hour in which something could be sent',
  async (_, day, isWeek) => {
    const startMs = new Date(2026, 9, 5, 9).getTime();
    await using its = await pauseAt(startMs);
    /** Each day the app is opened once. @returns What it says on the last of them. */
    const after = (days: number) => {
      let since: number | undefined;
      for (let n = 0; n < days; n += 1) {
        its.at.offUntilMs = isWeek ? its.at.nowMs + 1 : undefined;
        const pause = its.open();
        if (!isWeek && n === 0) pause.set({ untilMs: null });
        since = pause.stoodLongSince();
        pause.stop();
        its.at.nowMs += DAY_MS;
      }
      return since;
    };
    expect(after(day - 1)).toBeUndefined();
    expect(after(1)).toBe(startMs);
    its.at.offUntilMs = undefined;
    const free = its.open();
    free.set(null);
    free.stop();
    expect(after(day - 1)).toBeUndefined();
  },
);

test('tomorrow is seven in the morning of the next day, also when it is after midnight', () => {
  for (const hour of [0, 6, 12, 23]) {
    const now = new Date(2026, 9, 24, hour, 30).getTime();
    expect(new Date(pauseEndMs('tomorrow', now)!).toString()).toBe(
      new Date(2026, 9, 25, 7).toString(),
    );
  }
});
