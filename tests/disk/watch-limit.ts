/**
 * @file A process that may watch only a few directories, in which an engine follows a folder of many; it
 * says on stdout, as JSON, what the engine found and said. Arguments: settings, a folder to work in.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockHome } from '../../electron/engine/home/home.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import { bareEngine, bioFolder } from '../support/bare-engine.ts';

const settings = JSON.parse(process.argv[2]!) as StorageSettings; // Written by the test beside.
const dir = process.argv[3]!;
const folder = join(dir, 'recordings');
const weeks = Array.from({ length: 30 }, (_, n) => join(folder, `week ${n}`));
const home = lockHome({ path: join(dir, 'home') });
const engine = bareEngine(home, openStorage(settings), { rescanMs: 500 });
const details: string[] = [];
engine.events.on((event) => {
  if (event.type === 'folder' && event.detail !== undefined) details.push(event.detail);
});
const verified = () => engine.jobs.list('verified', -1).length;
async function until(files: number): Promise<number> {
  const end = performance.now() + 60_000;
  while (verified() < files && performance.now() < end) await sleep(50);
  return verified();
}
for (const week of weeks) {
  await mkdir(week, { recursive: true });
  await writeFile(join(week, 'before.mp3'), `before, ${week}`);
}
await engine.addFolder(folder, bioFolder);
engine.start();
const before = await until(30);
for (const week of weeks) await writeFile(join(week, 'after.mp3'), `after, ${week}`);
const after = await until(60);
await engine.stop();
console.log(JSON.stringify({ before, after, details }));
process.exit(0);
