import { chmod, chown, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openTestEngine } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const NOBODY = 65_534;

/** Root reads everything, whatever the mode says; as somebody else the test means the same for all. */
async function withoutRoot<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

test('a file that may not be read stays where it is, is named with its reason, and goes up once it may', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  await using app = openTestEngine(s3, dir.path);
  const path = join(folder.path, 'a.mp3');
  await writeFile(path, 'sound');
  await chmod(path, 0);
  // The run's folder is root's alone; nobody has to get through it.
  if (process.geteuid?.() === 0) await chmod(dirname(folder.path), 0o711);
  if (process.geteuid?.() === 0) await chown(folder.path, NOBODY, NOBODY);
  const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
  const jobs = () => app.engine.jobs.list(undefined, 10);

  const upload = await withoutRoot(async () => {
    const outcome = Promise.allSettled([
      app.engine.uploadNow([path], to, AbortSignal.timeout(30_000)),
    ]);
    await expect
      .poll(jobs)
      .toMatchObject([{ path, state: { kind: 'queued', code: 'file-unreadable' } }]);
    return { outcome }; // Not the promise itself, which would be awaited as nobody.
  });
  await chmod(path, 0o644);
  expect(await upload.outcome).toMatchObject([
    { status: 'fulfilled', value: [{ path, state: { kind: 'verified' } }] },
  ]);
});
