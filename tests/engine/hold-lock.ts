/** @file A process that locks the home in its first argument, watches a folder, says so, and then waits to be killed. */
import { lockHome } from '../../electron/engine/home/home.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';

const { database } = lockHome({ path: process.argv[2]! });
folderStore(database, Date.now).put('/recordings', {
  kind: 'uploads',
  userId: 'teacher-7',
  include: [],
  exclude: [],
});
process.stdout.write('locked\n');
setInterval(() => {}, 60_000);
