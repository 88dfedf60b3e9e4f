import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLink } from '../../electron/engine/library/share.ts';
import { mustHead, mustLook } from '../../electron/engine/library/objects.ts';
import { folderStore, type FolderRule } from '../../electron/engine/store/folders.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { MIB } from '../../shared/parts.ts';
import {
  bioClass,
  countingServer,
  hang,
  openTestEngine,
  randomFile,
  signal,
  type TestEngine,
} from '../support/engine.ts';
import { openServer, unavailable } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const inClass = (storageClass: FolderRule['storageClass']): FolderRule => ({
  ...bioClass,
  storageClass,
});
const jobOf = ({ engine }: TestEngine, name: string) =>
  engine.jobs.list(undefined, 100).find((job) => job.name === name);

async function classOf(app: TestEngine, name: string): Promise<string | undefined> {
  return (await mustHead(app.remote, jobOf(app, name)!.key!, signal())).storageClass;
}

function link({ remote, home }: TestEngine, key: string) {
  const links = linkStore(home.database);
  const request = { key, expiresInSeconds: 600, mode: 'watch' } as const;
  return createLink({ remote, links, nowMs: Date.now }, request, signal());
}

describe.each(['embedded', 'rgw'] as const)('on %s', (name) => {
  test.skipIf(unavailable(name))(
    'a folder’s recordings go into its storage class, small and large, and are verified there',
    async () => {
      await using s3 = await openServer(name);
      await using dir = await tempDir();
      await using folder = await tempDir();
      await using app = openTestEngine(s3, dir.path);
      await randomFile(join(folder.path, 'a.mp3'), 40_000);
      await randomFile(join(folder.path, 'b.mp4'), 20 * MIB);
      await app.engine.addFolder(folder.path, inClass('STANDARD_IA'));
      expect(await app.engine.syncOnce(signal())).toMatchObject({ verified: 2, failed: 0 });
      expect([await classOf(app, 'a.mp3'), await classOf(app, 'b.mp4')]).toEqual([
        'STANDARD_IA',
        'STANDARD_IA',
      ]);
    },
  );
});

test('a rule that changes does not alter an upload that has begun; what waits follows it', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  const begun = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async putPart(...args) {
      begun.resolve();
      await Promise.race([mayGoOn.promise, hang(args[5])]);
      return remote.putPart(...args);
    },
  });
  await using app = openTestEngine(s3, dir.path, { wrap });
  await app.engine.addFolder(folder.path, inClass('STANDARD_IA'));
  await randomFile(join(folder.path, 'begun.mp4'), 20 * MIB);
  app.engine.start();
  await begun.promise;
  app.engine.queue.setPaused(true); // Its upload stays open.
  await expect.poll(() => jobOf(app, 'begun.mp4')?.state.kind).toBe('queued');
  await randomFile(join(folder.path, 'waits.mp3'), 40_000);
  await expect.poll(() => jobOf(app, 'waits.mp3')?.state.kind).toBe('queued');
  await app.engine.addFolder(folder.path, inClass('GLACIER_IR'));
  mayGoOn.resolve();
  app.engine.queue.setPaused(false);
  await expect.poll(() => app.engine.jobs.list('verified', 10).length).toBe(2);
  expect(await classOf(app, 'begun.mp4')).toBe('STANDARD_IA');
  expect(await classOf(app, 'waits.mp3')).toBe('GLACIER_IR');
});

test('the class is carried by the job: it outlives the folder, and a start anew', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  {
    await using app = openTestEngine(s3, dir.path);
    app.engine.queue.setPaused(true);
    await app.engine.addFolder(folder.path, inClass('ONEZONE_IA'));
    await randomFile(join(folder.path, 'a.mp3'), 40_000);
    app.engine.start();
    await expect.poll(() => jobOf(app, 'a.mp3')?.state.kind).toBe('queued');
    folderStore(app.home.database, Date.now).remove(folder.path);
  }
  await using again = openTestEngine(s3, dir.path);
  again.engine.start();
  await expect.poll(() => again.engine.jobs.list('verified', 10).length).toBe(1);
  expect(await classOf(again, 'a.mp3')).toBe('ONEZONE_IA');
});

test('what is archived is proven by the storage’s checksum, and no link is made that would not open', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  await using folder = await tempDir();
  await using app = openTestEngine(s3, dir.path);
  await app.engine.addFolder(folder.path, inClass('DEEP_ARCHIVE'));
  await randomFile(join(folder.path, 'a.mp3'), 40_000);
  expect(await app.engine.syncOnce(signal())).toMatchObject({ verified: 1 });
  const { key } = jobOf(app, 'a.mp3')!;
  await expect(link(app, key!)).rejects.toMatchObject({ code: 'object-archived' });
  expect(linkStore(app.home.database).list()).toEqual([]);
  expect((await mustLook(app.remote, key!, signal())).readability).toEqual({
    kind: 'archived',
    archive: 'DEEP_ARCHIVE',
  });
});

test('where the storage keeps no checksum an archived recording cannot be checked, and that is said', async () => {
  await using s3 = await countingServer({ checksums: 'ignored' });
  await using dir = await tempDir();
  await using folder = await tempDir();
  await using app = openTestEngine(s3, dir.path);
  await app.engine.addFolder(folder.path, inClass('GLACIER'));
  await randomFile(join(folder.path, 'a.mp3'), 40_000);
  expect(await app.engine.syncOnce(signal())).toMatchObject({ verified: 0, failed: 1 });
  expect(jobOf(app, 'a.mp3')?.state).toMatchObject({
    kind: 'failed',
    code: 'archived-unchecked',
    stored: true,
  });
});

test.skipIf(unavailable('rgw'))(
  'a storage (rgw) that only uses the name of an archive opens its recordings, and links to them are made',
  async () => {
    await using s3 = await openServer('rgw');
    await using dir = await tempDir();
    await using folder = await tempDir();
    await using app = openTestEngine(s3, dir.path);
    await app.engine.addFolder(folder.path, inClass('GLACIER'));
    await randomFile(join(folder.path, 'a.mp3'), 40_000);
    expect(await app.engine.syncOnce(signal())).toMatchObject({ verified: 1 });
    const { key } = jobOf(app, 'a.mp3')!;
    const { url } = await link(app, key!);
    expect((await fetch(url)).status).toBe(200);
    const { readability } = await mustLook(app.remote, key!, signal());
    expect(readability).toEqual({ kind: 'readable' });
  },
);

describe.each(['rgw', 'swift'] as const)('on %s', (name) => {
  test.skipIf(unavailable(name))(
    'a class that the storage does not have is refused in words, and another one is taken on Retry',
    async () => {
      await using s3 = await openServer(name);
      await using dir = await tempDir();
      await using folder = await tempDir();
      await using app = openTestEngine(s3, dir.path);
      await app.engine.addFolder(folder.path, inClass('DEEP_ARCHIVE'));
      await randomFile(join(folder.path, 'a.mp3'), 40_000);
      await randomFile(join(folder.path, 'b.mp4'), 20 * MIB);
      expect(await app.engine.syncOnce(signal())).toMatchObject({ verified: 0, failed: 2 });
      for (const file of ['a.mp3', 'b.mp4'])
        expect(jobOf(app, file)?.state).toMatchObject({ kind: 'failed', code: 'class-refused' });
      await app.engine.addFolder(folder.path, inClass(undefined));
      app.engine.decisions.retry({ ids: app.engine.jobs.list('failed', 10).map(({ id }) => id) });
      expect(await app.engine.syncOnce(signal())).toMatchObject({ verified: 2, failed: 0 });
    },
  );
});
