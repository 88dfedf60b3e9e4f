import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSource } from '../../electron/engine/files/source.ts';
import { MAX_OBJECT_BYTES, MIB } from '../../shared/parts.ts';
import {
  countingServer,
  keysOf,
  openRemote,
  openTestEngine,
  randomFile,
  settingsFor,
  toBio,
  unfinishedUploads,
} from '../support/engine.ts';
import type { S3Access } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const noProc = existsSync('/proc/self/fd') ? undefined : 'no /proc';
const noStrace = spawnSync('strace', ['-V']).status === 0 ? undefined : 'no strace';

const openFiles = async (): Promise<string[]> => {
  const numbers = await readdir('/proc/self/fd');
  return Promise.all(numbers.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
};

describe.skipIf(noProc)(`open files (skipped: ${noProc})`, () => {
  test('a stopped upload closes its file, although its request never ends', async () => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    await randomFile(path, 50_000);
    let isAsked = false;
    await using app = openTestEngine(s3, dir.path, {
      quietMs: 30,
      wrap: (remote) => ({
        ...remote,
        head: () => {
          isAsked = true;
          return new Promise<never>(() => {});
        },
      }),
    });
    app.engine.uploadNow([path], toBio, AbortSignal.timeout(30_000)).catch(() => {});
    await expect.poll(() => isAsked).toBe(true);
    expect(await openFiles()).toContain(path);
    await app.engine.stop();
    expect(await openFiles()).not.toContain(path);
  });

  test('a reading that the disk refuses names the byte, and needs a person', async () => {
    // A process's own memory has nothing at these addresses: the kernel answers EIO.
    const version = { path: '/proc/self/mem', sizeBytes: 0 };
    const { mtimeNs } = await stat(version.path, { bigint: true });
    const mem = await openSource(
      { ...version, mtimeNs: String(mtimeNs) },
      new AbortController().signal,
    );
    await expect(mem.file.read(Buffer.alloc(10), 0, 10, 4_096)).rejects.toMatchObject({
      code: 'disk-error',
      message: '/proc/self/mem at byte 4096',
      retry: 'after-user',
    });
    await mem[Symbol.asyncDispose]();
  });
});

describe.skipIf(noStrace)(`a disk in trouble (skipped: ${noStrace})`, () => {
  const script = join(import.meta.dirname, 'killed-upload.ts');
  /** Uploads in a process whose ninth reading of the file fails so. */
  async function uploadWith(error: string, s3: S3Access, path: string, dir: string): Promise<void> {
    const log = join(dir, 'strace');
    const settings = JSON.stringify(settingsFor(s3));
    const trace = ['-f', '-qq', '-o', log, '-P', path, '-e', 'trace=pread64'];
    const inject = ['-e', `inject=pread64:error=${error}:when=9`];
    const program = [process.execPath, script, settings, join(dir, 'home'), path];
    const child = spawn('strace', [...trace, ...inject, ...program], {
      stdio: ['ignore', 'ignore', 'inherit'],
      // One thread reads, in plain calls: strace counts each thread's own.
      env: { ...process.env, UV_USE_IO_URING: '0', UV_THREADPOOL_SIZE: '1' },
    });
    await once(child, 'exit');
    expect(await readFile(log, 'utf8')).toContain('(INJECTED)');
  }

  test.each([
    ['EIO', { kind: 'failed', code: 'disk-error', stored: false }],
    ['EACCES', { kind: 'verified' }],
    ['EBUSY', { kind: 'verified' }],
  ])('%s in the middle of a file makes no short object', async (fault, state) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    await randomFile(path, 12 * MIB);
    await uploadWith(fault, s3, path, dir.path);
    await using app = openTestEngine(s3, dir.path);
    const [job] = app.engine.jobs.list(undefined, 1);
    expect(job?.state).toMatchObject(state);
    using remote = openRemote(s3);
    expect(await keysOf(remote)).toEqual(state.kind === 'verified' ? [job!.key] : []);
    expect(await unfinishedUploads(s3)).toEqual([]);
  });
});

const noRoom = existsSync('/dev/shm') ? undefined : 'no file system for a file of 49 TiB';
describe.skipIf(noRoom)(`a file beyond S3’s largest object (skipped: ${noRoom})`, () => {
  test('is refused in words before a byte of it is read, and nothing is asked of the storage', async () => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const folder = await mkdtemp('/dev/shm/pansea-test-'); // A sparse file: it takes no memory.
    try {
      const path = join(folder, 'a.mp4');
      await writeFile(path, '');
      await truncate(path, MAX_OBJECT_BYTES + 1);
      await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
      const [job] = await app.engine.uploadNow([path], toBio, AbortSignal.timeout(30_000));
      expect(job).toMatchObject({ state: { kind: 'failed', code: 'too-large', stored: false } });
      expect(s3.requests).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
