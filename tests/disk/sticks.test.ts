/** @file Promise: a disk that is away is "not connected", whatever is in its place; with real mounts. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { keysOf, openRemote, settingsFor } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noDisks } from './tools.ts';

test(
  'sticks that are pulled, swapped and plugged in elsewhere, and a share that hangs, lose and mix up nothing',
  { timeout: 150_000 },
  async ({ skip }) => {
    const missing = noDisks();
    skip(missing !== undefined, missing);
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const script = join(import.meta.dirname, 'sticks.ts');
    const args = ['-m', process.execPath, script, JSON.stringify(settingsFor(s3)), dir.path];
    const { stdout } = await promisify(execFile)('unshare', args);
    const said = JSON.parse(stdout) as Record<string, unknown>;
    skip(said['beside a hung share'] === 'no FUSE', 'a share cannot be made to hang here: no FUSE');
    expect(said).toEqual({
      sent: true,
      pulled: true,
      'empty mount point': 'away',
      'another stick': true,
      'jobs meanwhile': 1,
      meant: true,
      'third sent': true,
      elsewhere: true,
      paths: [
        'media/REC 1/rec',
        'media/REC 1/rec/private.mp3',
        'media/REC 1/rec/b.mp3',
        'media/REC 1/rec/c.mp3',
      ],
      'never failed': true,
      'inside another': true,
      'stays where it was': 'media/REC 1/rec',
      back: true,
      'beside a hung share': true,
      'hung share': 'silent',
      'stopped in time': true,
    });
    using remote = openRemote(s3);
    expect(await keysOf(remote)).toHaveLength(5);
  },
);
