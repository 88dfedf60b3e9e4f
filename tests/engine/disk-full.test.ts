import { randomBytes } from 'node:crypto';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MIN_FREE_BYTES } from '../../electron/engine/queue/space.ts';
import { bioClass, countingServer, openTestEngine, randomFile } from '../support/engine.ts';
import { smallDisk, whyNoSmallDisk } from '../support/small-disk.ts';
import { tempDir } from '../support/temp-dir.ts';

const MIB = 1024 * 1024;
const freeOf = (path: string) => statfsSync(path).bavail * statfsSync(path).bsize;

test('new recordings wait while the disk is nearly full, uploads go on, nothing acknowledged is lost when it is full, and all goes on by itself', async (context) => {
  const missing = whyNoSmallDisk();
  context.skip(missing !== undefined, missing);
  await using dir = await tempDir();
  await using s3 = await countingServer();
  const disk = join(dir.path, 'small');
  using disks = new DisposableStack();
  disks.use(smallDisk(disk, 80 * MIB));
  const filler = join(disk, 'filler');
  const folder = join(dir.path, 'Recordings');
  await randomFile(join(folder, 'before.mp4'), 30_000);
  let hold: PromiseWithResolvers<void> | undefined = Promise.withResolvers();
  let held = 0;
  await using app = openTestEngine(s3, disk, {
    quietMs: 50,
    // Held back until the disk is low, so that this upload happens then.
    wrap: (remote) => ({
      ...remote,
      putObject: async (...args) => {
        held += 1;
        await hold?.promise;
        return remote.putObject(...args);
      },
    }),
  });
  const letGo = () => {
    hold?.resolve();
    hold = undefined;
  };
  const { engine } = app;
  const kindOf = (name: string) => engine.jobs.ofPath(join(folder, name))[0]?.state.kind;
  await engine.addFolder(folder, bioClass);
  engine.start();
  await expect.poll(() => held, { timeout: 30_000 }).toBe(1);

  writeFileSync(filler, randomBytes(freeOf(disk) - MIN_FREE_BYTES / 2));
  await expect.poll(() => engine.isDiskLow()).toBe(true); // It is looked at once a second.
  await randomFile(join(folder, 'new.mp4'), 30_000);
  await expect
    .poll(() => app.heard.filter(({ type }) => type === 'disk'), { timeout: 30_000 })
    .toEqual([{ type: 'disk', isLow: true }]);
  letGo();
  await expect.poll(() => kindOf('before.mp4'), { timeout: 30_000 }).toBe('verified');
  expect(kindOf('new.mp4')).toBeUndefined();

  // Full to the last byte: nothing can be written down at all.
  writeFileSync(filler, Buffer.alloc(0));
  await expect.poll(() => kindOf('new.mp4'), { timeout: 30_000 }).toBe('verified');
  hold = Promise.withResolvers();
  await randomFile(join(folder, 'third.mp4'), 30_000);
  await expect.poll(() => held, { timeout: 30_000 }).toBe(3);
  writeFileSync(filler, randomBytes(freeOf(disk)));
  letGo();
  await expect.poll(() => s3.count('PutObject'), { timeout: 30_000 }).toBe(3);
  expect(kindOf('before.mp4')).toBe('verified');
  rmSync(filler);
  await expect.poll(() => kindOf('third.mp4'), { timeout: 60_000 }).toBe('verified');
  expect(app.home.database.pragma('integrity_check', { simple: true })).toBe('ok');
  const keys = await app.remote.list('', 100, undefined, AbortSignal.timeout(50_000));
  expect(keys.objects).toHaveLength(3);
}, 180_000);
