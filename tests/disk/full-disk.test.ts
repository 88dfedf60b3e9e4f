import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openBucket } from '../models/bucket.ts';
import { publish } from '../models/figures.ts';
import { storageEnv } from '../support/cli.ts';
import { countingServer, openRemote } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import type { FullPlan, FullResult } from './full-disk.ts';
import { noDisks } from './tools.ts';

const FREE = [0, 4_096, 65_536, 400_000, 60 * 2 ** 20, 80 * 2 ** 20];

test(
  'a full disk stops what cannot be written down, loses nothing, and with space again everything is stored once',
  { timeout: 10 * 60_000 },
  async ({ skip }) => {
    const missing = noDisks();
    skip(missing !== undefined, missing);
    await using s3 = await countingServer();
    await using dir = await tempDir();
    using remote = openRemote(s3);
    const bucket = await openBucket(s3, remote);
    const env = {
      ...storageEnv(s3),
      PATH: process.env['PATH'] ?? '',
      HOME: dir.path,
      PANSEA_SETTLE_SECONDS: '0.02',
    };
    const plan: FullPlan = { dir: dir.path, env, free: FREE };
    const script = join(import.meta.dirname, 'full-disk.ts');
    const args = ['-m', process.execPath, script, JSON.stringify(plan)];
    const { stdout } = await promisify(execFile)('unshare', args, { maxBuffer: 2 ** 26 });
    const result = JSON.parse(stdout) as FullResult;
    expect(result.problems).toEqual([]);
    expect(result.acknowledged).toBeGreaterThan(0);
    // Without a byte to write with it says so and ends by itself; it neither hangs nor dies of a signal.
    publish({
      suite: 'full disk',
      faults: FREE.length,
      promises: result.acknowledged,
      recordings: result.files,
    });
    expect(result.ends.map(({ code }) => code)).toEqual(FREE.map(() => expect.any(Number)));
    expect(result.ends[0]!.code).not.toBe(0);

    const objects = [...(await bucket.objects()).values()];
    bucket.close();
    const folder = join(dir.path, 'recordings');
    const local = readdirSync(folder).map((name) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    );
    expect(objects.map(({ sha256 }) => sha256).toSorted()).toEqual(local.toSorted());
    expect(objects.filter(({ versions }) => versions !== 1)).toEqual([]);
  },
);
