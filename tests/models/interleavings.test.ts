/** @file Whatever the order in which the storage's answers come: fast-check's scheduler holds each back, and lets them go by chance. */
import * as fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { MIB } from '../../shared/parts.ts';
import { bioClass, countingServer, openTestEngine } from '../support/engine.ts';
import { auditAll, sha256 } from '../support/oracle.ts';
import { tempDir } from '../support/temp-dir.ts';
import { freshSeed, isLong, longMinutes } from './seeds.ts';

const LIMIT_MS = isLong ? longMinutes * 6_000 : 20_000;
/** One in two parts, and small ones of which several are the same. */
const contents = [9 * MIB, 1_000, 2_000, 50_000].map((bytes) => randomBytes(bytes));

const held = ['head', 'putObject', 'createUpload', 'putPart', 'completeUpload'] as const;

/** The storage acts at once; when its answer is heard is the scheduler's choice. */
const heardBy =
  (scheduler: fc.Scheduler) =>
  (remote: Remote): Remote => {
    const late = held.map((name) => {
      const call = (...args: unknown[]): Promise<unknown> =>
        scheduler.schedule(Reflect.apply(remote[name], remote, args) as Promise<unknown>, name);
      return [name, call];
    });
    return { ...remote, ...(Object.fromEntries(late) as Pick<Remote, (typeof held)[number]>) };
  };

async function play(scheduler: fc.Scheduler, files: readonly number[]): Promise<void> {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const folder = join(dir.path, 'recordings');
  await mkdir(folder);
  const written = new Map<string, string[]>();
  for (const [n, content] of [0, ...files].entries()) {
    const path = join(folder, `${n}.ogg`);
    await writeFile(path, contents[content]!);
    written.set(path, [sha256(contents[content]!)]);
  }
  await using app = openTestEngine(s3, dir.path, { quietMs: 5, wrap: heardBy(scheduler) });
  await app.engine.addFolder(folder, bioClass);
  const synced = await scheduler.waitFor(app.engine.syncOnce(AbortSignal.timeout(60_000)));
  expect(synced).toMatchObject({ verified: written.size, failed: 0 });
  const home = app.home.path;
  expect(await auditAll({ access: s3, home, written, isOver: true })).toEqual([]);
}

test(
  'in whatever order the answers come, each recording is verified, and its bytes are stored once',
  async () => {
    const some = fc.array(fc.integer({ min: 1, max: contents.length - 1 }), {
      minLength: 2,
      maxLength: 5,
    });
    let played = 0;
    const property = fc.asyncProperty(fc.scheduler(), some, async (scheduler, files) => {
      await play(scheduler, files);
      played += 1;
    });
    await fc.assert(property, {
      seed: freshSeed,
      numRuns: isLong ? 20_000 : 200,
      interruptAfterTimeLimit: LIMIT_MS,
    });
    console.log(`${played} orders of answers`);
    expect(played).toBeGreaterThan(0);
  },
  LIMIT_MS + 120_000,
);
