/**
 * @file A process in a mount namespace of its own that records on an exFAT card while an engine watches,
 * and says on stdout, as JSON, what the engine made of it. Arguments: settings, a folder to work in.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openEngine } from '../../electron/engine/engine.ts';
import { lockHome } from '../../electron/engine/home.ts';
import type { StorageSettings } from '../../electron/engine/s3/client.ts';
import { isListed } from '../../electron/engine/scan.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';

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
const engine = openEngine({
  database: home.database,
  homePath: home.path,
  remote: openStorage(settings),
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
} finally {
  await engine.stop();
  run('umount', card);
  run('losetup', '-d', loop);
}
console.log(JSON.stringify(said));
process.exit(0);
