import { expect, test } from 'vitest';
import { lockHome, openHome } from '../../electron/engine/home/home.ts';
import {
  setUploadLimit,
  uploadLimit,
  uploadRate,
} from '../../electron/engine/upload/upload-rate.ts';
import { tempDir } from '../support/temp-dir.ts';

const still = { nowMs: () => 0, monotonicMs: () => 0 };
const always = (megabits: number | null) => ({ megabits, week: null });

test('a running engine follows within a second what is set, also by another process', async () => {
  await using dir = await tempDir();
  const home = lockHome({ path: dir.path });
  const other = openHome({ path: dir.path });
  let nowMs = 0;
  const rate = uploadRate({}, home.database, { nowMs: Date.now, monotonicMs: () => nowMs });
  expect(rate()).toBeUndefined();
  setUploadLimit({}, other.database, always(20));
  expect(uploadLimit({}, () => home.database)).toEqual({ ...always(20), isFixed: false });
  nowMs += 1_000;
  expect(rate()).toBe(2_500_000);
  setUploadLimit({}, other.database, always(null));
  nowMs += 1_000;
  expect(rate()).toBeUndefined();
  other.close();
  home.close();
});

test('the environment wins, and says so to whoever would set another', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  setUploadLimit({}, database, always(20));
  const env = { PANSEA_UPLOAD_LIMIT: '1.5' };
  expect(uploadRate(env, database, still)()).toBe(1_500_000);
  expect(uploadLimit(env, () => database)).toEqual({ ...always(12), isFixed: true });
  expect(() => setUploadLimit(env, database, always(null))).toThrow(/PANSEA_UPLOAD_LIMIT/);
  expect(() => uploadRate({ PANSEA_UPLOAD_LIMIT: 'fast' }, database, still)).toThrow(
    /PANSEA_UPLOAD_LIMIT must be a number/,
  );
  close();
});
