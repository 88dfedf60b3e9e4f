/**
 * @file A process in a mount namespace of its own whose engine has recordings to send from a share that
 * stops answering, and says on stdout, as JSON, what became of them and of others. Arguments: settings, a
 * folder to work in. The share is an exFAT card behind a FUSE daemon that is stopped.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import { MIB, partBytesFor, planParts } from '../../shared/parts.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { fingerprintLarge } from '../../electron/engine/files/large-files.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { openSource } from '../../electron/engine/files/source.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { bareEngine, bioFolder } from '../support/bare-engine.ts';

const settings = JSON.parse(process.argv[2]!) as StorageSettings; // Written by the test beside.
const dir = process.argv[3]!;
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' }).trim();
async function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + 90_000; performance.now() < end; await sleep(50))
    if (await isSo()) return true;
  return false;
}

const share = join(dir, 'share');
const local = join(dir, 'local');
const image = join(dir, 'image');
run('mount', '--make-rprivate', '/');
run('truncate', '-s', '192M', image);
run('mkfs.exfat', image);
for (const folder of [share, local]) await mkdir(folder);
const { dev: outside } = await stat(share);
const loop = run('losetup', '-f', '--show', image);
// With `-d` it stays in the foreground, and is ours to stop.
const server = spawn('mount.exfat-fuse', ['-d', loop, share], { stdio: 'ignore' });
process.on('exit', () => server.kill('SIGKILL'));
await until(async () => (await stat(share)).dev !== outside);

const home = lockHome({ path: join(dir, 'home') });
const open = (remote: Remote) => bareEngine(home, remote);
const storage = openStorage(settings);
const said: Record<string, unknown> = {};

// More recordings than are sent at a time wait for the storage; then the share stops answering.
const before = open({ ...storage, head: async () => Promise.reject(new AppError('offline', '')) });
const folder = await before.addFolder(share, bioFolder);
await before.addFolder(local, bioFolder);
for (let i = 0; i < 6; i += 1)
  await writeFile(join(share, `${i}.mp3`), Buffer.alloc(12 * MIB, i + 1));
before.start();
said['waiting'] = await until(() => before.jobs.list('queued', -1).length === 6);
await before.stop();
server.kill('SIGSTOP');
await writeFile(join(local, 'x.mp3'), 'a recording on this computer');

const engine = open(storage);
engine.start();
const verified = () => engine.jobs.list('verified', -1);
said['beside it'] = await until(() => verified().length === 1);
said['which'] = verified().map(({ path }) => path.slice(dir.length + 1));
said['the share'] = await until(async () => (await engine.presence(folder)) === 'silent');
said['its recordings'] = await until(() => engine.jobs.list('queued', -1).length === 6);
said['attempts'] = engine.jobs
  .list('queued', -1)
  .map(({ state }) => 'attempts' in state && state.attempts);
const asked = performance.now();
await engine.stop();
said['stopped in time'] = performance.now() - asked < 6_000;

server.kill('SIGCONT');
const again = open(storage);
again.start();
said['all'] = await until(() => again.jobs.list('verified', -1).length === 7);
await again.stop();

// It stops answering again, while a recording of it is being read.
run('dd', `if=${join(share, '0.mp3')}`, 'iflag=nocache', 'count=0'); // It is not in memory any more.
const reading = new AbortController();
async function hash(path: string): Promise<string> {
  const { size, mtimeNs } = await stat(path, { bigint: true });
  const version = { path, sizeBytes: Number(size), mtimeNs: String(mtimeNs) };
  const source = await openSource(version, reading.signal);
  if (path.startsWith(share)) server.kill('SIGSTOP');
  const parts = planParts(version.sizeBytes, partBytesFor(version.sizeBytes));
  const { sizeBytes } = await fingerprintLarge(source.file, parts, reading.signal);
  return `${sizeBytes} bytes`;
}
await writeFile(join(local, 'y.mp4'), Buffer.alloc(12 * MIB, 9));
let isRead = false;
const hung = hash(join(share, '0.mp3')).catch(String);
void hung.then(() => (isRead = true));
const beside = hash(join(local, 'y.mp4'));
said['read beside it'] = await Promise.race([beside, sleep(60_000, 'nothing')]);
said['the share has answered'] = isRead;
reading.abort(new Error('stopped'));
said['given up'] = await hung;
server.kill('SIGCONT');
console.log(JSON.stringify(said));
run('umount', '-l', share);
run('losetup', '-d', loop);
process.exit(0);
