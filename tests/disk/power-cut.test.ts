import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openBucket } from '../models/bucket.ts';
import { publish } from '../models/figures.ts';
import { freshSeed, isLong, longMinutes } from '../models/seeds.ts';
import { storageEnv } from '../support/cli.ts';
import { countingServer, openRemote } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noDisks } from './tools.ts';
import type { Plan, Result } from './power-cuts.ts';

const CUTS = Number(process.env['PANSEA_TEST_CUTS'] ?? (isLong ? 3_000 : 60));
const LIMIT_MS = isLong ? longMinutes * 60_000 : 150_000;

test(
  'what was said is still so after each power cut, and every recording is stored once',
  { timeout: LIMIT_MS + 120_000 },
  async ({ skip }) => {
    const missing = noDisks();
    skip(missing !== undefined, missing);
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const env = {
      ...storageEnv(s3),
      PATH: process.env['PATH']!,
      PANSEA_SETTLE_SECONDS: '0.02',
      HOME: dir.path,
      ...mutant(),
    };
    const plan: Plan = { dir: dir.path, env, cuts: CUTS, seed: freshSeed, limitMs: LIMIT_MS };
    const script = join(import.meta.dirname, 'power-cuts.ts');
    const args = ['-m', process.execPath, script, JSON.stringify(plan)];
    const { stdout } = await promisify(execFile)('unshare', args, { maxBuffer: 2 ** 26 });
    const result = JSON.parse(stdout) as Result;
    publish({
      suite: 'power cut',
      powerCuts: result.cuts,
      promises: result.acknowledged,
      recordings: result.files,
    });
    expect(result).toMatchObject({ problems: [] });
    expect(result.acknowledged).toBeGreaterThan(result.cuts);

    using remote = openRemote(s3);
    const bucket = await openBucket(s3, remote);
    const objects = [...(await bucket.objects()).values()];
    bucket.close();
    const folder = join(dir.path, 'recordings');
    const local = readdirSync(folder).map((name) =>
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    );
    expect(objects.map(({ sha256 }) => sha256).toSorted()).toEqual(local.toSorted());
  },
);

const mutant = (): Record<string, string> =>
  process.env['MUTANT'] === undefined ? {} : { MUTANT: process.env['MUTANT'] };
