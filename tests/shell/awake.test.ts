import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAwake } from '../../electron/shell/awake.ts';
import { menuTemplate, trayTemplate, type Actions } from '../../electron/shell/menu.ts';
import { tempDir } from '../support/temp-dir.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;

/** A computer that says by what it is kept awake. */
function openComputer(offFile = join('nowhere', 'off')) {
  const held = new Set<number>();
  let ids = 0;
  let isOnBattery = false;
  const awake = createAwake({
    blocker: {
      start(kind) {
        expect(kind).toBe('prevent-app-suspension');
        held.add((ids += 1));
        return ids;
      },
      stop: (id) => held.delete(id),
    },
    isOnBattery: () => isOnBattery,
    offFile,
  });
  return {
    awake,
    follow: (counts: Record<string, number>) => awake.follow({ counts }),
    toBattery: (is: boolean) => void (isOnBattery = is),
    isHeld: () => held.size > 0,
    times: () => ids,
  };
}

test('the computer stays awake while recordings are sent or checked, and between two of them', () => {
  const { follow, isHeld, times } = openComputer();
  expect([follow({ queued: 3, held: 1, verified: 9 }), isHeld()]).toEqual([false, false]);
  expect([follow({ uploading: 1 }), isHeld()]).toEqual([true, true]);
  expect([follow({ queued: 1 }), isHeld()]).toEqual([false, true]);
  vi.advanceTimersByTime(MINUTE_MS - 1);
  expect([follow({ verifying: 1 }), isHeld()]).toEqual([true, true]);
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect([isHeld(), times()]).toEqual([true, 1]);
});

test('what only waits lets it fall asleep after a minute, however often it is told', () => {
  const { follow, isHeld } = openComputer();
  follow({ uploading: 1 });
  for (let second = 0; second < 60; second += 1) {
    expect(isHeld()).toBe(true);
    follow({ queued: 1 });
    vi.advanceTimersByTime(1_000);
  }
  expect(isHeld()).toBe(false);
});

test('on battery it sleeps as it always does', () => {
  const { follow, isHeld, toBattery } = openComputer();
  toBattery(true);
  expect([follow({ uploading: 1 }), isHeld()]).toEqual([false, false]);
  toBattery(false);
  expect([follow({ uploading: 1 }), isHeld()]).toEqual([true, true]);
  toBattery(true);
  expect([follow({ uploading: 1 }), isHeld()]).toEqual([false, false]);
});

test('a person can let it fall asleep as it always does, which outlives the app, and take that back', async () => {
  await using dir = await tempDir();
  const offFile = join(dir.path, 'window', 'off');
  const first = openComputer(offFile);
  first.follow({ uploading: 1 });
  first.awake.set(false);
  expect([first.follow({ uploading: 1 }), first.isHeld(), first.awake.isOn()]).toEqual([
    false,
    false,
    false,
  ]);
  const next = openComputer(offFile);
  expect([next.follow({ uploading: 1 }), next.isHeld(), next.awake.isOn()]).toEqual([
    false,
    false,
    false,
  ]);
  next.awake.set(true);
  expect([next.follow({ uploading: 1 }), next.isHeld()]).toEqual([true, true]);
  expect(openComputer(offFile).awake.isOn()).toBe(true);
});

type Item = { label?: string; submenu?: Item[]; click?: () => void };

test.each([true, false])('menu and tray show that it is %s, and turn it', (staysAwake) => {
  const state = {
    pausedBy: null,
    canUpload: true,
    startsWithComputer: undefined,
    sentence: 'All is safe.',
    needYou: 0,
    linksEnding: 0,
    staysAwake,
  };
  const wanted: boolean[] = [];
  const actions = { stayAwake: (is: boolean) => wanted.push(is) } as unknown as Actions;
  const host = { platform: 'linux', isPackaged: true } as const;
  const menu = menuTemplate(host, state, actions).flatMap(({ submenu }) => submenu as Item[]);
  for (const items of [menu, trayTemplate(state, actions) as Item[]]) {
    const box = items.find((item) => item?.label === 'Stay Awake While Uploading')!;
    expect(box).toMatchObject({ type: 'checkbox', checked: staysAwake });
    box.click!();
  }
  expect(wanted).toEqual([!staysAwake, !staysAwake]);
});
