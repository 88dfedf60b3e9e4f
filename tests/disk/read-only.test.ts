/** @file Promise: watched folders are only read; proven on a read-only mount, call by call. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import { openCli } from '../support/cli.ts';
import { countingServer, randomFile } from '../support/engine.ts';
import { noIndex } from '../support/recordings.ts';
import { noDisks, noTracing } from './tools.ts';

/** Everything that is in a folder, with all that the system keeps of it but the time of the last reading. */
async function manifest(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  return Promise.all(
    ['.', ...names].map(async (name) => {
      const path = join(folder, name);
      const stats = await lstat(path, { bigint: true });
      const { dev, ino, mode, nlink, uid, gid, size, mtimeNs, ctimeNs } = stats;
      const bytes = stats.isFile() ? await readFile(path) : '';
      const hash = createHash('sha256').update(bytes).digest('hex');
      return [name, dev, ino, mode, nlink, uid, gid, size, mtimeNs, ctimeNs, hash].join(' ');
    }),
  );
}

test(
  'a folder that nobody may write to is sent whole, and no call tries to change anything in it',
  { timeout: 180_000 },
  async ({ skip }) => {
    const missing = noDisks() ?? noTracing();
    skip(missing !== undefined, missing);
    await using s3 = await countingServer();
    const { MUTANT } = process.env; // A seeded bug, when it is seen whether the test bites.
    await using cli = await openCli(s3, MUTANT === undefined ? {} : { MUTANT });
    const folder = join(cli.folder, 'recordings');
    await randomFile(join(folder, 'a.mp3'), 40_000);
    await randomFile(join(folder, 'deep', 'er', 'b.mp4'), 17 * MIB);
    await writeFile(join(folder, 'unfinished.mp4'), noIndex);
    await writeFile(join(folder, 'empty.mp3'), '');
    await mkdir(join(folder, 'nothing'));
    await symlink('a.mp3', join(folder, 'link.mp3'));
    const before = await manifest(folder);
    const trace = join(cli.folder, 'trace');
    const program = join(import.meta.dirname, '../../electron/cli.ts');
    const rule = ['--class', 'bio-101', '--user', 'teacher-7'];
    const verbs = [['folders', 'add', folder, ...rule], ['sync'], ['sync'], ['audit'], ['jobs']];
    // Whoever tries to change something on such a mount hears of it: EROFS.
    const script = [
      'mount --make-rprivate / && mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 9',
      ...verbs.map((verb, i) => {
        const words = verb.map((word) => `'${word}'`).join(' ');
        return `strace -f -qq -Z -e trace=%file,fchmod,fchown,fsetxattr -o "$2.${i}" "$3" -- "$4" ${words}`;
      }),
    ].join('\n');
    const args = ['-m', 'sh', '-c', script, 'sh', folder, trace, process.execPath, program];
    await promisify(execFile)('unshare', args, { env: { ...cli.env, UV_USE_IO_URING: '0' } });

    expect(s3.count('PutObject') + s3.count('CompleteMultipartUpload')).toBe(2);
    const failed = await Promise.all(verbs.map((_, i) => readFile(`${trace}.${i}`, 'utf8')));
    expect(failed.join('')).toContain('ENOENT'); // It was written.
    expect(failed.join('').match(/^.*EROFS.*$/gm)).toBeNull();
    expect(await manifest(folder)).toEqual(before);
  },
);
