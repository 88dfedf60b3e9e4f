/** @file Promise: a recording stays one where upper and lower case are one name; on a real exFAT. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { keysOf, openRemote, settingsFor } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noCards } from './tools.ts';

test(
  'on a card where upper and lower case are one name, a renamed recording stays one',
  { timeout: 120_000 },
  async ({ skip }) => {
    const missing = noCards();
    skip(missing !== undefined, missing);
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const script = join(import.meta.dirname, 'exfat.ts');
    const args = ['-m', process.execPath, script, JSON.stringify(settingsFor(s3)), dir.path];
    const { stdout } = await promisify(execFile)('unshare', args);
    expect(JSON.parse(stdout)).toEqual({
      'one name': true,
      'old name is listed': false,
      renamed: ['Lecture.mp3: verified'],
      'both forms': ['Café.mp3: verified', 'Café.mp3: verified', 'Lecture.mp3: verified'],
    });
    using remote = openRemote(s3);
    expect(await keysOf(remote)).toHaveLength(3);
  },
);
