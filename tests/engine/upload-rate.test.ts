import { expect, test } from 'vitest';
import { lockHome, openHome } from '../../electron/engine/home/home.ts';
import {
  setUploadLimit,
  uploadLimit,
  uploadRate,
} from '../../electron/engine/upload/upload-rate.ts';
import { tempDir } from '../support/temp-dir.ts';

test('a running engine follows within a second what is set, also by another process', async () => {
  await using dir = await tempDir();
  const home = lockHome({ path: dir.path });
  const other = openHome({ path: dir.path });
  let nowMs = 0;
  const rate = uploadRate({}, home.database, () => nowMs);
  expect(rate()).toBeUndefined();
  setUploadLimit({}, other.database, 20);
  expect(uploadLimit({}, () => home.database)).toEqual({ megabits: 20, isFixed: false });
  nowMs += 1_000;
  expect(rate()).toBe(2_500_000);
  setUploadLimit({}, other.database, null);
  nowMs += 1_000;
  expect(rate()).toBeUndefined();
  other.close();
  home.close();
});

test('the environment wins, and says so to whoever would set another', async () => {
  await using dir = await tempDir();
  const { database, close } = lockHome({ path: dir.path });
  setUploadLimit({}, database, 20);
  const env = { PANSEA_UPLOAD_LIMIT: '1.5' };
  expect(uploadRate(env, database, () => 0)()).toBe(1_500_000);
  expect(uploadLimit(env, () => database)).toEqual({ megabits: 12, isFixed: true });
  expect(() => setUploadLimit(env, database, null)).toThrow(/PANSEA_UPLOAD_LIMIT/);
  expect(() => uploadRate({ PANSEA_UPLOAD_LIMIT: 'fast' }, database, () => 0)).toThrow(
    /PANSEA_UPLOAD_LIMIT must be a number/,
  );
  close();
});
