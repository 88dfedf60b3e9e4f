/** @file Promises on a real exFAT: a recording stays one where upper and lower case are one name; clean-up moves files whole. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { keysOf, openRemote, settingsFor } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noCards } from './tools.ts';

test(
  'on a card where upper and lower case are one name, a renamed recording stays one, and an archive is cleaned up',
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
      'set aside': { files: 2, bytes: 18 },
      'left there': ['.pansea-quarantine', 'sub'],
      'cut off': 'Error: The program dies here',
      'put back': { files: 2, bytes: 18 },
      kept: [],
      'as it was': [['a.mp3', 'sub', 'sub/b.mp3'], 'lecture b'],
    });
    using remote = openRemote(s3);
    expect(await keysOf(remote)).toHaveLength(5);
  },
);
