/** @file Keys of a `.env` file beside those of the environment. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readEnvironment, storageSettings } from '../../electron/engine/settings/settings.ts';
import { tempDir } from '../support/temp-dir.ts';

test('keys of the .env file are not taken, none of them, where the environment has any of others', async () => {
  await using dir = await tempDir();
  const file = join(dir.path, '.env');
  const bucket = { AWS_S3_BUCKET: 'recordings' };
  const kept = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S', AWS_SESSION_TOKEN: 'T' };
  const lines = Object.entries({ ...bucket, ...kept }).map(([name, value]) => `${name}=${value}`);
  await writeFile(file, lines.join('\n'));
  expect(readEnvironment({ AWS_REGION: 'eu-1' }, file, true)).toMatchObject(kept);
  expect(readEnvironment({ AWS_ACCESS_KEY_ID: 'A' }, file, true)).toMatchObject(kept);
  const own = { AWS_ACCESS_KEY_ID: 'B', AWS_SECRET_ACCESS_KEY: 'U' };
  expect(readEnvironment(own, file, true)).toEqual({ ...bucket, ...own });
  for (const [name, value] of Object.entries(own)) {
    const env = readEnvironment({ [name]: value }, file, true);
    expect(() => storageSettings(env)).toThrow('is not set, but its partner is');
  }
});
