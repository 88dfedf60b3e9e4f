/** @file Promise: a share that stops answering keeps nobody waiting but its own recordings. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import { settingsFor } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noCards } from './tools.ts';

test(
  'a share that stops answering while more recordings of it are sent than there are threads delays no others, and its own go up when it answers',
  { timeout: 300_000 },
  async ({ skip }) => {
    const missing = noCards();
    skip(missing !== undefined, missing);
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const script = join(import.meta.dirname, 'hung-share.ts');
    const args = ['-m', process.execPath, script, JSON.stringify(settingsFor(s3)), dir.path];
    const { stdout } = await promisify(execFile)('unshare', args);
    expect(JSON.parse(stdout)).toEqual({
      waiting: true,
      'beside it': true,
      which: ['local/x.mp3'],
      'the share': true,
      'its recordings': true,
      attempts: [0, 0, 0, 0, 0, 0],
      'stopped in time': true,
      all: true,
      'read beside it': `${12 * MIB} bytes`,
      'the share has answered': false,
      'given up': 'Error: stopped',
    });
  },
);
