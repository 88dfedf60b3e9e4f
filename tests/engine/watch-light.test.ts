import { FSWatcher } from 'chokidar';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderRule } from '../../electron/engine/store/folders.ts';
import { watchFolder } from '../../electron/engine/watch/watch.ts';
import { tempDir } from '../support/temp-dir.ts';

test('of many directories one is read after the other, and each is watched then', async () => {
  await using dir = await tempDir();
  const weeks = Array.from({ length: 20 }, (_, n) => join(dir.path, `week ${n}`));
  for (const week of weeks) {
    await mkdir(week);
    await writeFile(join(week, 'before.mp3'), 'x');
  }
  const count = { reading: 0, most: 0, read: 0 };
  const property = Object.getOwnPropertyDescriptor(FSWatcher.prototype, 'createScanStream')!;
  const create = property.value as OmitThisParameter<FSWatcher['createScanStream']>;
  onTestFinished(
    () => void Object.defineProperty(FSWatcher.prototype, 'createScanStream', property),
  );
  FSWatcher.prototype.createScanStream = function (...args) {
    const stream = create.apply(this, args);
    stream?.on('resume', () => (count.most = Math.max(count.most, (count.reading += 1))));
    stream?.on('close', () => {
      count.reading -= 1;
      count.read += 1;
    });
    return stream;
  };
  const seen = new Set<string>();
  const rule = folderRule.parse({ kind: 'audio', userId: 'teacher-7' });
  await using kept = new AsyncDisposableStack();
  const watching = watchFolder({ id: 1, path: dir.path, rule, addedAtMs: 0 }, dir.path, {
    onSeen: (path) => seen.add(path),
    onLost: () => expect.unreachable('it is there'),
    onError: (error) => expect.unreachable(String(error)),
  });
  kept.use(watching);
  await expect.poll(() => count.read).toBe(weeks.length + 1);
  expect(count.most).toBe(1);
  const files = weeks.map((week) => join(week, 'after.mp3'));
  for (const file of files) await writeFile(file, 'x');
  await expect.poll(() => seen).toEqual(new Set(files));
});
