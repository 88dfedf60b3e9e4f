/**
 * @file A process in a mount namespace of its own that records on an exFAT card while an engine watches,
 * and says on stdout, as JSON, what the engine made of it. Arguments: settings, a folder to work in.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine } from '../../electron/engine/engine.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { quarantine, undo, type Cleaned } from '../../electron/engine/migrate/cleanup.ts';
import { openPlan } from '../../electron/engine/migrate/open-plan.ts';
import { planMigration } from '../../electron/engine/migrate/plan.ts';
import { runPlan } from '../../electron/engine/migrate/run.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { isListed } from '../../electron/engine/watch/scan.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { planStore } from '../../electron/engine/store/plans.ts';
import { meanwhile } from '../../electron/engine/test-hooks.ts';
import { writeArchive, writeMapping } from '../support/archive.ts';

const settings = JSON.parse(process.argv[2]!) as StorageSettings; // Written by the test beside.
const dir = process.argv[3]!;
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' }).trim();
const card = join(dir, 'card');
const image = join(dir, 'image');
run('mount', '--make-rprivate', '/');
run('truncate', '-s', '16M', image);
run('mkfs.exfat', image);
await mkdir(card);
const loop = run('losetup', '-f', '--show', image);
run('mount.exfat-fuse', loop, card);

const home = lockHome({ path: join(dir, 'home') });
const remote = openStorage(settings);
const engine = openEngine({
  database: home.database,
  homePath: home.path,
  remote,
  clientVersion: 'test',
  quietMs: 30,
  rescanMs: 60_000,
  nowMs: Date.now,
  monotonicMs: () => performance.now(),
  random: () => 0,
  log: () => {},
});
const sync = () => engine.syncOnce(AbortSignal.timeout(50_000));
const rows = () =>
  engine.jobs
    .list(undefined, -1)
    .map(({ path, state }) => `${path.slice(card.length + 1)}: ${state.kind}`)
    .toSorted();
const said: Record<string, unknown> = {};
try {
  await engine.addFolder(card, {
    kind: 'audio',
    classId: 'bio-101',
    userId: 'u',
    include: [],
    exclude: [],
  });
  await writeFile(join(card, 'LECTURE.MP3'), 'a recording');
  said['one name'] = existsSync(join(card, 'lecture.mp3'));
  await sync();
  await rename(join(card, 'LECTURE.MP3'), join(card, 'Lecture.mp3'));
  said['old name is listed'] = await isListed(join(card, 'LECTURE.MP3'));
  await sync();
  said['renamed'] = rows();
  for (const form of ['NFC', 'NFD'] as const)
    await writeFile(join(card, 'Café.mp3'.normalize(form)), `a recording in ${form}`);
  await sync();
  said['both forms'] = rows().map((row) => row.normalize('NFC'));

  // An archive: on such a card no file can have two names, and a name is held by an empty file.
  const root = join(dir, 'card', 'archive');
  await writeArchive(root, { 'a.mp3': 'lecture a', 'sub/b.mp3': 'lecture b' });
  const [mapping, out] = [join(dir, 'map.csv'), join(dir, 'plan.jsonl')];
  await writeMapping(mapping, [['.', 'art-2', 'u']]);
  const signal = AbortSignal.timeout(50_000);
  const asked = { root, mapping, out, userId: 'u', quietMs: 0, nowMs: Date.now };
  await planMigration(
    asked,
    () => {},
    async () => {},
    signal,
  );
  const plans = planStore(home.database, Date.now);
  const plan = await openPlan(out, plans);
  await runPlan({ engine, plans }, plan, () => {}, signal);
  const context = { jobs: engine.jobs, plans, remote, nowMs: Date.now, random: Math.random };
  await verifyPlan(context, plan, { level: 'full', share: 1 }, () => {}, signal);
  const kept: unknown[] = [];
  const note = (cleaned: Cleaned) => void (cleaned.kept && kept.push(cleaned.kept));
  said['set aside'] = await quarantine(context, plan, 'full', 2, note, signal);
  said['left there'] = await readdir(root);
  meanwhile((point) => {
    if (point === 'move-after-placeholder') throw new Error('The program dies here');
  });
  said['cut off'] = await undo(context, plan, undefined, note, signal).catch(String);
  meanwhile(undefined);
  said['put back'] = await undo(context, plan, undefined, note, signal);
  said['kept'] = kept;
  const there = (await readdir(root, { recursive: true })).toSorted();
  said['as it was'] = [there, await readFile(join(root, 'sub/b.mp3'), 'utf8')];
} finally {
  await engine.stop();
  run('umount', card);
  run('losetup', '-d', loop);
}
console.log(JSON.stringify(said));
process.exit(0);
