import { expect, test } from 'vitest';
import type { StorageSettings } from '../../electron/engine/s3/client.ts';
import { storageSettings } from '../../electron/engine/settings.ts';
import type { SettingStore } from '../../electron/engine/store/settings.ts';
import {
  limitUnverified,
  UNVERIFIED_MS,
  unverifiedText,
} from '../../electron/engine/unverified.ts';

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
const HOUR = 3_600_000;

test('checks that were turned off are on again 24 hours later, however often the program starts', () => {
  const store = memory();
  for (const later of [0, HOUR, 30 * HOUR])
    expect(limitUnverified(asked(false), store, NOW + later).unverifiedUntilMs).toBe(
      NOW + UNVERIFIED_MS,
    );
});

test('turning checks on in between, another endpoint or a clock set back begin it anew, never for longer', () => {
  const store = memory();
  limitUnverified(asked(false), store, NOW);
  expect(limitUnverified(asked(true), store, NOW + HOUR).unverifiedUntilMs).toBeUndefined();
  const again = limitUnverified(asked(false), store, NOW + 30 * HOUR);
  expect(again.unverifiedUntilMs).toBe(NOW + 30 * HOUR + UNVERIFIED_MS);
  const other = limitUnverified(asked(false, 'https://b.example'), store, NOW + 40 * HOUR);
  expect(other.unverifiedUntilMs).toBe(NOW + 40 * HOUR + UNVERIFIED_MS);
  const setBack = limitUnverified(asked(false, 'https://b.example'), store, NOW);
  expect(setBack.unverifiedUntilMs).toBe(NOW + UNVERIFIED_MS);
});

test('people read that it is so, when it ends, and what to do instead', () => {
  const settings = { ...asked(false), unverifiedUntilMs: NOW };
  expect(unverifiedText(settings, NOW - 1)).toMatch(/not checked.*This ends /);
  expect(unverifiedText(settings, NOW)).toMatch(/has ended.*AWS_CA_BUNDLE/);
});
