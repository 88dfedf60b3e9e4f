import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canaryKeys } from '../../support/canary.ts';
import { tempDir } from '../../support/temp-dir.ts';

test('ends like one that is killed: what it wrote stays', async () => {
  const dir = await tempDir();
  await writeFile(join(dir.path, 'left.log'), canaryKeys.secretAccessKey);
  expect(dir.path).not.toBe('');
});

test('says which file of its own holds a key', async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, 'own.log'), canaryKeys.secretAccessKey);
  expect(dir.path).not.toBe('');
});
