/** @file Promise: where the system watches no more directories, the scan finds everything, and that is said once. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { keysOf, openRemote, settingsFor } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noWatchLimit } from './tools.ts';

test(
  'of directories that may be watched, the scan finds what came in the others, and it is said once',
  { timeout: 120_000 },
  async ({ skip }) => {
    const missing = noWatchLimit();
    skip(missing !== undefined, missing);
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const script = join(import.meta.dirname, 'watch-limit.ts');
    // The limit is that of the user namespace: nobody else's is touched.
    const limited = 'echo 8 > /proc/sys/user/max_inotify_watches && exec "$@"';
    const args = ['-U', '-r', 'sh', '-c', limited, 'sh', process.execPath, script];
    args.push(JSON.stringify(settingsFor(s3)), dir.path);
    const { stdout } = await promisify(execFile)('unshare', args);
    expect(JSON.parse(stdout)).toEqual({
      before: 30,
      after: 60,
      details: [expect.stringMatching(/^live watching is limited/)],
    });
    using remote = openRemote(s3);
    expect(await keysOf(remote)).toHaveLength(60);
  },
);
