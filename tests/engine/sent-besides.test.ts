import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bioClass, countingServer, openTestEngine, randomFile } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

test('what a person sends to another class as well goes there, though its folder took it in before, and its bytes are stored', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  await using folder = await tempDir();
  const path = join(folder.path, 'lesson.mp3');
  await randomFile(path, 50_000);
  await using app = openTestEngine(s3, dir.path, { quietMs: 30 });
  const { engine } = app;
  engine.start();
  await engine.addFolder(folder.path, bioClass);
  const kept = () => engine.jobs.list('verified', -1).map(({ destination }) => destination);
  const bio = { kind: 'audio', classId: bioClass.classId } as const;
  await expect.poll(kept, { timeout: 20_000 }).toMatchObject([bio]);

  // Away and back: another version for its folder, whose class was corrected meanwhile.
  engine.queue.setPaused(true);
  const chem = { ...bioClass, classId: 'CHEM-7' };
  await engine.addFolder(folder.path, chem);
  await rename(path, `${path}.aside`);
  await rename(`${path}.aside`, path);
  const waits = () => engine.jobs.list('queued', -1).map(({ isByHand }) => isByHand);
  await expect.poll(waits, { timeout: 20_000 }).toEqual([false]);
  const to = { kind: 'audio', classId: 'CHEM-7', userId: chem.userId } as const;
  await engine.takeIn([path], to, AbortSignal.timeout(20_000));
  engine.queue.setPaused(false);

  await expect.poll(() => kept().length, { timeout: 20_000 }).toBe(2);
  expect(kept()).toMatchObject([bio, { classId: 'CHEM-7' }]);
});
