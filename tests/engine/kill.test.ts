import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import {
  countingServer,
  keysOf,
  objectBytes,
  openTestEngine,
  randomFile,
  settingsFor,
  unfinishedUploads,
  type Counted,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The request after whose answer the process is killed: before, in the middle, at the end and after it. */
const moments = [
  ['HeadObject', 1],
  ['CreateMultipartUpload', 1],
  ['UploadPart', 1],
  ['UploadPart', 5],
  ['CompleteMultipartUpload', 1],
  ['HeadObject', 2],
  ['HeadObject', 3],
] as const;

/** Six parts of 8 MiB at a time. */
const IN_FLIGHT_BYTES = 48 * MIB;
const bytesSent = ({ requests }: Counted) =>
  requests
    .filter((entry) => entry.operation === 'UploadPart')
    .reduce((sum, { bytesIn }) => sum + bytesIn, 0);

test.each(moments)(
  'a process killed after its %s number %i leaves one object in the end, whole and verified, and sends no recorded part twice',
  async (operation, number) => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp4');
    const bytes = await randomFile(path, 60 * MIB); // Eight parts.
    const home = join(dir.path, 'home');
    const script = join(import.meta.dirname, 'killed-upload.ts');
    const child = spawn(process.execPath, [script, JSON.stringify(settingsFor(s3)), home, path], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    const seen = () => s3.requests.filter((entry) => entry.operation === operation).length;
    await expect.poll(seen, { interval: 1, timeout: 30_000 }).toBeGreaterThanOrEqual(number);
    child.kill('SIGKILL');
    await ended;

    await using app = openTestEngine(s3, dir.path);
    const recorded = app.engine.jobs.list(undefined, -1).flatMap(({ id, state }) => {
      const upload = 'upload' in state ? state.upload : null;
      return upload ? app.engine.jobs.parts(id, upload.id) : [];
    });
    const sentBefore = bytesSent(s3);
    s3.requests.length = 0;
    app.engine.start();
    await expect
      .poll(() => app.engine.jobs.list('verified', -1).length, { timeout: 30_000 })
      .toBe(1);
    const [job] = app.engine.jobs.list('verified', 1);
    expect(await keysOf(app.remote)).toEqual([job!.key]);
    expect((await objectBytes(app.remote, job!.key!)).equals(bytes)).toBe(true);
    // What the dead process had on the wire may still arrive; what comes after the new one's first look is its own.
    const own = s3.requests.slice(
      s3.requests.findIndex((entry) => entry.operation === 'HeadObject'),
    );
    expect(own.filter((entry) => entry.operation === 'UploadPart').length).toBeLessThanOrEqual(
      8 - recorded.length,
    );
    expect(sentBefore + bytesSent(s3)).toBeLessThanOrEqual(bytes.length + IN_FLIGHT_BYTES);
    // Also the upload whose number was answered but not yet on record.
    await expect.poll(() => unfinishedUploads(s3)).toEqual([]);
  },
);
