/** @file Tries to take the home in its first argument at each line `go` of its input, and keeps it until the line `release`. */
import { createInterface } from 'node:readline';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { lockHome, type Home } from '../../electron/engine/home/home.ts';

let home: Home | undefined;
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'go')
    try {
      home = lockHome({ path: process.argv[2]! });
      const rule = { kind: 'uploads', userId: 'u', include: [], exclude: [] } as const;
      folderStore(home.database, Date.now).put(`/won/${process.pid}`, {
        ...rule,
        include: [],
        exclude: [],
      });
      process.stdout.write('won\n');
    } catch (error) {
      process.stdout.write(`lost ${String((error as { code?: string }).code)}\n`);
    }
  else {
    home?.close();
    process.stdout.write('released\n');
  }
}
