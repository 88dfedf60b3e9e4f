import { expect, test, vi } from 'vitest';
import { HOUR_MS } from '#shared/time.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { storageSettings } from '../../electron/engine/settings/settings.ts';
import type { SettingStore } from '../../electron/engine/store/settings.ts';
import {
  limitUnverified,
  UNVERIFIED_MS,
  unverifiedText,
} from '../../electron/engine/window/unverified.ts';

function memory(): Pick<SettingStore, 'getIfReadable' | 'set'> {
  const values = new Map<string, unknown>();
  return {
    getIfReadable: (name, schema) => schema.safeParse(values.get(name)).data,
    set: (name, value) => void values.set(name, value),
  };
}
const asked = (verify: boolean, endpoint = 'https://a.example'): StorageSettings =>
  storageSettings({
    AWS_S3_BUCKET: 'school',
    AWS_S3_ENDPOINT_URL: endpoint,
    AWS_S3_VERIFY_SSL: String(verify),
  });
const NOW = Date.UTC(2026, 10, 24);

test('checks that were turned off are on again 24 hours later, however often the program starts', () => {
  const store = memory();
  for (const later of [0, HOUR_MS, 30 * HOUR_MS])
    expect(limitUnverified(asked(false), store, NOW + later).unverifiedUntilMs).toBe(
      NOW + UNVERIFIED_MS,
    );
});

test('turning checks on in between, or another endpoint, begins it anew', () => {
  const store = memory();
  limitUnverified(asked(false), store, NOW);
  expect(limitUnverified(asked(true), store, NOW + HOUR_MS).unverifiedUntilMs).toBeUndefined();
  const again = limitUnverified(asked(false), store, NOW + 30 * HOUR_MS);
  expect(again.unverifiedUntilMs).toBe(NOW + 30 * HOUR_MS + UNVERIFIED_MS);
  const other = limitUnverified(asked(false, 'https://b.example'), store, NOW + 40 * HOUR_MS);
  expect(other.unverifiedUntilMs).toBe(NOW + 40 * HOUR_MS + UNVERIFIED_MS);
});

test('a clock that is set back makes it no longer: all is checked until the clock is right again', () => {
  const store = memory();
  const untilMs = (atMs: number) => limitUnverified(asked(false), store, atMs).unverifiedUntilMs;
  expect(untilMs(NOW)).toBe(NOW + UNVERIFIED_MS);
  expect(untilMs(NOW + 20 * HOUR_MS)).toBe(NOW + UNVERIFIED_MS);
  for (const hours of [1, 10, -24]) expect(untilMs(NOW + hours * HOUR_MS)).toBe(0);
  // A correction of a minute is nobody's doing.
  expect(untilMs(NOW + 20 * HOUR_MS - 60_000)).toBe(NOW + UNVERIFIED_MS);
  expect(untilMs(NOW + 21 * HOUR_MS)).toBe(NOW + UNVERIFIED_MS);
});

test('what is used for hours without a new start counts, too', () => {
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] });
  try {
    const store = memory();
    const running = limitUnverified(asked(false), store, NOW);
    vi.setSystemTime(NOW + 20 * HOUR_MS);
    running.onUnverified?.();
    expect(limitUnverified(asked(false), store, NOW + HOUR_MS).unverifiedUntilMs).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('people read that it is so, when it ends, and what to do instead', () => {
  const settings = { ...asked(false), unverifiedUntilMs: NOW };
  expect(unverifiedText(settings, NOW - 1)).toMatch(/not checked.*This ends /);
  expect(unverifiedText(settings, NOW)).toMatch(/has ended.*AWS_CA_BUNDLE/);
});
