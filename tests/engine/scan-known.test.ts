/** @file Of a folder of which nothing has changed a scan asks little; of one in which something has, it misses nothing. */
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { JobState } from '#shared/job.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { createIntake } from '../../electron/engine/queue/intake.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { stateColumns, stateValues } from '../../electron/engine/store/job-row.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { createLeftOuts } from '../../electron/engine/watch/left-out.ts';
import { createPresence } from '../../electron/engine/watch/presence.ts';
import { scanFolder, type Sighting } from '../../electron/engine/watch/scan.ts';
import { createScanning } from '../../electron/engine/watch/scanning.ts';
import { bioClass } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The first 500 files have no thread. The last folder is read by itself. */
const SIZES = [200, 200, 200, 200, 200, 700];
const FILES = 1_700;
/** One of each folder. */
const changed = SIZES.map((files, inside) => [inside, `${files - 1} é.mp3`] as const);
const sent: JobState = { kind: 'verified', proof: 'checksum', verifiedAtMs: 1 };
const signal = AbortSignal.timeout(120_000);
type World = Awaited<ReturnType<typeof openWorld>>;
let world: World;

async function writeAt(path: string, bytes: string): Promise<void> {
  await writeFile(path, bytes);
  await utimes(path, 1_000_000, 1_000_000);
}

async function openWorld() {
  const dir = await tempDir();
  const home = await tempDir();
  const { database, close } = openHome({ path: home.path });
  const folders = folderStore(database, Date.now);
  const folder = folders.put(dir.path, bioClass);
  const jobs = jobStore(database, Date.now);
  const intake = createIntake(jobs, Date.now);
  const at = (inside: number, name: string) => join(dir.path, `${inside}`, name);
  for (const [inside, files] of SIZES.entries()) {
    await mkdir(join(dir.path, `${inside}`));
    for (let n = 0; n < files; n += 1) await writeAt(at(inside, `${n} é.mp3`), 'x');
  }
  let seen: Sighting[] = [];
  const scanning = createScanning({
    folders,
    jobs,
    presence: createPresence(folders, jobs),
    observe: (_, sightings) => void seen.push(...sightings),
    onAbsent: () => {},
    leftOuts: createLeftOuts(Date.now),
    emit: () => {},
    log: () => {},
  });
  const pathsOf = (sightings: readonly Sighting[]) =>
    sightings.map(({ path }) => path.slice(dir.path.length + 1)).toSorted();
  const news = (sightings: readonly Sighting[]) => pathsOf(intake.newsAmong(sightings, folder));
  async function all(): Promise<Sighting[]> {
    const sightings: Sighting[] = [];
    for await (const found of scanFolder(folder, signal))
      if (found.kind === 'file') sightings.push(found.sighting);
    return sightings;
  }
  return {
    at,
    /** All that is there was sent, and of nothing else anything is known. */
    async learn(): Promise<void> {
      const sightings = await all();
      database.transaction(() => {
        database.exec('DELETE FROM jobs');
        for (const sighting of sightings) intake.accept(sighting, folder);
        database.prepare(`UPDATE jobs SET ${stateColumns}`).run(...stateValues(sent));
      })();
    },
    forget: (path: string) => void database.prepare(`DELETE FROM jobs WHERE path = ?`).run(path),
    /** What is new of what a scan tells, how many files it found, and of which it told. */
    async scan() {
      seen = [];
      const { found } = await scanning.scan(folder, signal);
      return { news: news(seen), found, told: pathsOf(seen) };
    },
    /** What is new by a question for each file. */
    newsOfEach: async () => news(await all()),
    setState(path: string, state: JobState): void {
      database
        .prepare(`UPDATE jobs SET ${stateColumns} WHERE path = ?`)
        .run(...stateValues(state), path);
    },
    async [Symbol.asyncDispose]() {
      close();
      await home[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

beforeAll(async () => {
  const opened = await openWorld();
  world = opened;
  return () => opened[Symbol.asyncDispose]();
}, 60_000);
beforeEach(async () => {
  for (const name of changed) await writeAt(world.at(...name), 'x');
  await world.learn();
});

test('of files that are all known few are told', async () => {
  const { news, found, told } = await world.scan();
  expect({ news, found }).toEqual({ news: [], found: FILES });
  expect(told.length).toBeLessThanOrEqual(500 + SIZES[0]!);
});

const failed: JobState = {
  kind: 'failed',
  attempts: 1,
  code: 'file-gone',
  upload: null,
  stored: false,
};
/** What may become of one file. */
const changes: Record<string, (path: string) => Promise<void> | void> = {
  'has other bytes, of another size': (path) => writeFile(path, 'xy'),
  'has other bytes, its size and its time put back': (path) => writeAt(path, 'y'),
  'is of another time': (path) => utimes(path, 1, 1),
  'is not known': (path) => world.forget(path),
  'has failed': (path) => world.setState(path, failed),
  'was cancelled': (path) => world.setState(path, { kind: 'dropped', why: 'cancelled' }),
  'is held': (path) => world.setState(path, { kind: 'held', reason: 'needs-class' }),
};

test.each(Object.entries(changes))('a file is told that %s', async (_, change) => {
  for (const name of changed) await change(world.at(...name));
  const expected = changed.map(([inside, name]) => join(`${inside}`, name));
  const { news, found, told } = await world.scan();
  expect(found).toBe(FILES);
  expect(told).toEqual(expect.arrayContaining(expected));
  expect(news).toEqual(await world.newsOfEach());
});

test('a file that is gone, and one in a folder beside, make none known that is not', async () => {
  const names = ['10 b.mp3', '10 c.mp3', join('10 d', 'a.mp3')];
  for (const inside of SIZES.keys()) {
    await mkdir(world.at(inside, '10 d'));
    for (const name of names) await writeFile(world.at(inside, name), 'x');
  }
  await world.learn();
  for (const inside of SIZES.keys()) {
    await rm(world.at(inside, names[0]!));
    world.forget(world.at(inside, names[1]!));
  }
  const { news, found } = await world.scan();
  const expected = [...SIZES.keys()].map((inside) => join(`${inside}`, names[1]!));
  expect({ news, found }).toEqual({ news: expected, found: FILES + 2 * SIZES.length });
});
