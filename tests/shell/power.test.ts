/** @file What the system says of sleep, its end and power: on battery uploads wait, where a person wants that. */
import type { PowerMonitor } from 'electron';
import { EventEmitter } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { standsFor } from '../../electron/engine/queue/pause.ts';
import { createBattery } from '../../electron/shell/battery.ts';
import { followPower } from '../../electron/shell/power.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { tempDir } from '../support/temp-dir.ts';

const monotonicMs = () => performance.now();
const rule = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;

test('on battery recordings are taken in and wait, which is said, until there is power or somebody sends anyway', async () => {
  let isOnBattery = true;
  const power = { isOnBatteryPower: () => isOnBattery };
  const desktop = {
    chooseSavePath: () => Promise.resolve(undefined),
    isOnBattery: createBattery({ power, platform: 'win32', monotonicMs }),
  };
  await using app = await openTestAppHost({ desktop });
  const api = apiOf(app);
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  const record = (name: string) => writeFile(join(app.folder, name), name);
  const count = (filter: 'waiting' | 'done') => async () =>
    (await api.listJobs({ filter, offset: 0, limit: 1 })).total;
  const standing = async () => (await api.getStatus({})).pausedBy;
  // Until somebody wants it otherwise, recordings go out.
  await record('a.mp3');
  await expect.poll(count('done')).toBe(1);
  expect(await api.getBatteryWait({})).toEqual({ waits: false, isKnown: true });

  await api.setBatteryWait({ waits: true });
  await record('b.mp3');
  await expect.poll(count('waiting')).toBe(1);
  expect(await api.getStatus({})).toMatchObject({
    pausedBy: 'battery',
    pausedUntilMs: null,
    safeToLeave: false,
    reason: 'Uploads are waiting until this computer is plugged in. 1 file is waiting.',
  });
  isOnBattery = false;
  await expect.poll(count('done')).toBe(2);

  isOnBattery = true;
  // Not asked at each moment: what begins before that is sent.
  const stands = () => standsFor(app.host.storage().database)?.by;
  await expect.poll(stands).toBe('battery');
  await record('c.mp3');
  await expect.poll(count('waiting')).toBe(1);
  await api.setPaused({ isPaused: false });
  await expect.poll(count('done')).toBe(3);
  // For this time only.
  isOnBattery = false;
  expect(await standing()).toBe(null);
  isOnBattery = true;
  expect(await standing()).toBe('battery');
});

test('where nobody can say whether it is plugged in, that is told, and nothing waits', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  await api.setBatteryWait({ waits: true });
  expect(await api.getBatteryWait({})).toEqual({ waits: true, isKnown: false });
  expect(await api.getStatus({})).toMatchObject({ isPaused: false });
});

type Supply = Readonly<Partial<Record<'type' | 'online' | 'scope' | 'status', string>>>;
const mains = (online: string): Supply => ({ type: 'Mains', online });
const usb = (online: string): Supply => ({ type: 'USB', online });
const battery = (status: string): Supply => ({ type: 'Battery', status });
const mouse: Supply = { type: 'Battery', scope: 'Device', status: 'Discharging' };

test.each<[string, readonly Supply[], boolean]>([
  ['a laptop without its cable', [mains('0'), battery('Discharging'), mouse], true],
  ['one that has a plug of another kind in', [mains('0'), usb('1'), battery('Charging')], false],
  ['one that draws from both', [mains('1'), battery('Discharging')], false],
  ['one that tells of no plug, charging', [battery('Charging')], false],
  ['one with two batteries, one of them full', [battery('Full'), battery('Discharging')], true],
  ['a computer without a battery, beside a mouse that has one', [mouse], false],
  ['a computer of which the kernel tells nothing', [], false],
])('on Linux the kernel says so of %s', async (_, all, isOnBattery) => {
  await using dir = await tempDir();
  for (const [n, supply] of all.entries()) {
    const folder = join(dir.path, `supply${n}`);
    await mkdir(folder);
    for (const [name, word] of Object.entries(supply))
      await writeFile(join(folder, name), `${word}\n`);
  }
  // What Electron says there.
  const power = { isOnBatteryPower: () => !isOnBattery };
  const ports = { power, platform: 'linux', supplies: dir.path } as const;
  let atMs = 0;
  const ask = createBattery({ ...ports, monotonicMs: () => atMs });
  expect(ask()).toBe(isOnBattery);
  await rm(dir.path, { recursive: true });
  expect(ask()).toBe(isOnBattery);
  atMs += 1_000;
  expect(ask()).toBeUndefined();
});

test('a computer that has slept is looked at anew, and one that is shut down ends the app, unasked', () => {
  const power = new EventEmitter();
  const told: string[] = [];
  followPower(power as PowerMonitor, {
    woke: () => told.push('woke'),
    slept: () => told.push('slept'),
    end: () => told.push('end'),
    switched: () => told.push('switched'),
    isOnBattery: () => undefined,
    platform: 'win32',
  });
  for (const name of ['suspend', 'resume', 'lock-screen', 'on-battery', 'on-ac', 'shutdown'])
    power.emit(name);
  expect(told).toEqual(['slept', 'woke', 'switched', 'switched', 'end']);
});

test('on Linux, where nothing says so, it is found within a minute that the computer was unplugged', () => {
  vi.useFakeTimers();
  try {
    let is: boolean | undefined = false;
    let switches = 0;
    followPower(new EventEmitter() as PowerMonitor, {
      woke() {},
      slept() {},
      end() {},
      switched: () => (switches += 1),
      isOnBattery: () => is,
      platform: 'linux',
    });
    const afterAMinute = (next: boolean) => {
      is = next;
      vi.advanceTimersByTime(60_000);
      return switches;
    };
    expect([true, true, false, false].map(afterAMinute)).toEqual([1, 1, 2, 2]);
  } finally {
    vi.useRealTimers();
  }
});
