/** @file The computer's clock may jump: it decides when things happen, never whether. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { AppError } from '../../shared/errors.ts';
import { openTestEngine, randomFile, signal, toBio } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

test.each(['server-error', 'offline'] as const)(
  'a clock that is set back a day during trouble (%s) does not put the next try off for a day',
  async (code) => {
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const path = join(dir.path, 'a.mp3');
    await randomFile(path, 50_000);
    let jumpMs = 0;
    let isFailing = true;
    await using app = openTestEngine(s3, dir.path, {
      quietMs: 30,
      random: () => 0,
      nowMs: () => Date.now() + jumpMs,
      wrap: (remote) => ({
        ...remote,
        head: (...args) => (isFailing ? Promise.reject(new AppError(code)) : remote.head(...args)),
      }),
    });
    app.engine.uploadNow([path], toBio, signal()).catch(() => {});
    const failed = () => app.engine.jobs.list('queued', 1)[0]?.state;
    await expect.poll(failed).toMatchObject({ code });
    jumpMs = -DAY_MS;
    isFailing = false;
    const verified = () => app.engine.jobs.list('verified', 1).length;
    await expect.poll(verified).toBe(1);
  },
);

test('what was put off by a clock that was a day ahead starts at once when the app does', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await randomFile(path, 50_000);
  {
    await using app = openTestEngine(s3, dir.path, {
      quietMs: 30,
      nowMs: () => Date.now() + DAY_MS,
      wrap: (remote) => ({ ...remote, head: () => Promise.reject(new AppError('offline')) }),
    });
    app.engine.uploadNow([path], toBio, signal()).catch(() => {});
    const failed = () => app.engine.jobs.list('queued', 1)[0]?.state;
    await expect.poll(failed).toMatchObject({ code: 'offline' });
  }
  await using app = openTestEngine(s3, dir.path);
  expect(app.engine.jobs.list('queued', 1)[0]?.state).toMatchObject({
    notBeforeMs: expect.closeTo(Date.now() + DAY_MS, -5) as number,
  });
  app.engine.queue.start();
  const verified = () => app.engine.jobs.list('verified', 1).length;
  await expect.poll(verified).toBe(1);
});

test('a clock that is set forward only makes things happen sooner', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await randomFile(path, 50_000);
  let calls = 0;
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    // Each look at the clock finds it an hour further on.
    nowMs: () => Date.now() + 3_600_000 * (calls += 1),
  });
  const [job] = await app.engine.uploadNow([path], toBio, signal());
  expect(job).toMatchObject({ state: { kind: 'verified', proof: 'checksum' } });
});

test('what a person sends goes at once by a clock that stands before 1970, too', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const path = join(dir.path, 'a.mp3');
  await randomFile(path, 50_000);
  await using app = openTestEngine(s3, dir.path, {
    quietMs: 30,
    nowMs: () => Date.now() - 100 * 365 * DAY_MS,
  });
  app.engine.start();
  await app.engine.takeIn([path], toBio, signal());
  const verified = () => app.engine.jobs.list('verified', 1).length;
  await expect.poll(verified).toBe(1);
});
