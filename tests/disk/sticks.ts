/**
 * @file A process in a mount namespace of its own that plugs and pulls sticks while an engine watches,
 * and says on stdout, as JSON, what the engine made of it. Arguments: settings, a folder to work in.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineEvent } from '../../electron/engine/events.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { STOP_LIMIT_MS } from '../support/limits.ts';
import { bareEngine, bioFolder } from '../support/bare-engine.ts';

const settings = JSON.parse(process.argv[2]!) as StorageSettings; // Written by the test beside.
const dir = process.argv[3]!;
const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });
run('mount', '--make-rprivate', '/');

const home = lockHome({ path: join(dir, 'home') });
const engine = bareEngine(home, openStorage(settings));
const folders = folderStore(home.database, Date.now);
const names = (kind: 'verified' | 'queued' | 'failed') =>
  engine.jobs.list(kind, -1).map(({ path }) => path.slice(dir.length + 1));
const stick = async (name: string) => {
  await mkdir(join(dir, name), { recursive: true });
  run('mount', '-t', 'tmpfs', '-o', 'size=4m', name, join(dir, name));
};
async function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(50))
    if (await isSo()) return true;
  return false;
}
const presence = () => engine.presence(folders.list()[0]!);
const said: Record<string, unknown> = {};

// A stick that is plugged in, watched, and pulled out: its mount point stays behind, empty.
await stick('usb');
await mkdir(join(dir, 'usb', 'rec'));
await writeFile(join(dir, 'usb', 'rec', 'a.mp3'), 'a recording');
await engine.addFolder(join(dir, 'usb', 'rec'), bioFolder);
engine.start();
said['sent'] = await until(() => names('verified').length === 1);
run('umount', '-l', join(dir, 'usb'));
said['pulled'] = await until(async () => (await presence()) === 'away');
await mkdir(join(dir, 'usb', 'rec'), { recursive: true });
said['empty mount point'] = await presence();

// Another stick at the same place.
await stick('usb');
await mkdir(join(dir, 'usb', 'rec'));
await writeFile(join(dir, 'usb', 'rec', 'private.mp3'), 'of somebody else');
said['another stick'] = await until(async () => (await presence()) === 'other');
await sleep(1_000); // Several scans.
said['jobs meanwhile'] = engine.jobs.list(undefined, -1).length;
await engine.addFolder(join(dir, 'usb', 'rec'), bioFolder);
said['meant'] = await until(() => names('verified').length === 2);

// That stick, now at another path, with something new on it.
await mkdir(join(dir, 'media', 'REC 1'), { recursive: true });
await writeFile(join(dir, 'usb', 'rec', 'b.mp3'), 'another recording');
said['third sent'] = await until(() => names('verified').length === 3);
run('mount', '--move', join(dir, 'usb'), join(dir, 'media', 'REC 1'));
await writeFile(join(dir, 'media', 'REC 1', 'rec', 'c.mp3'), 'a fourth recording');
said['elsewhere'] = await until(() => names('verified').length === 4);
said['paths'] = [folders.list()[0]!.path.slice(dir.length + 1), ...names('verified').slice(1)];
said['never failed'] = names('failed').length === 0;

// The same stick inside another folder that is watched: it would be two classes’ at once.
const heard: EngineEvent[] = [];
engine.events.on((event) => heard.push(event));
await mkdir(join(dir, 'outer', 'stick'), { recursive: true });
await engine.addFolder(join(dir, 'outer'), { ...bioFolder, include: ['none/*'] });
run('mount', '--move', join(dir, 'media', 'REC 1'), join(dir, 'outer', 'stick'));
said['inside another'] = await until(() =>
  heard.some(
    (event) =>
      event.type === 'folder' &&
      event.state === 'not-connected' &&
      event.detail?.includes(`is inside ${join(dir, 'outer')}`),
  ),
);
said['stays where it was'] = folders.list()[0]!.path.slice(dir.length + 1);
run('mount', '--move', join(dir, 'outer', 'stick'), join(dir, 'media', 'REC 1'));
said['back'] = await until(async () => (await presence()) === 'here');

// A share whose server hangs, beside a folder that does not.
await mkdir(join(dir, 'share'));
const server = spawn(
  'sh',
  [
    '-c',
    `exec 7<>/dev/fuse && mount -t fuse -o fd=7,rootmode=40000,user_id=0,group_id=0 hang "${join(dir, 'share')}" && echo up && exec sleep 60`,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const isUp = await Promise.race([
  new Promise((resolve) => server.stdout.once('data', () => resolve(true))),
  new Promise((resolve) => server.once('exit', () => resolve(false))),
]);
if (isUp === true) {
  const hung = folders.put(join(dir, 'share'), bioFolder);
  engine.syncOnce(AbortSignal.timeout(50_000)).catch(() => {}); // Somebody who waits for all of them.
  await writeFile(join(dir, 'media', 'REC 1', 'rec', 'd.mp3'), 'a fifth recording');
  said['beside a hung share'] = await until(() => names('verified').length === 5);
  said['hung share'] = await engine.presence(hung, 500);
} else said['beside a hung share'] = 'no FUSE';
const before = performance.now();
await engine.stop();
said['stopped in time'] = performance.now() - before < STOP_LIMIT_MS;
console.log(JSON.stringify(said));
server.kill('SIGKILL');
process.exit(0);
