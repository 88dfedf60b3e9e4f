/** @file A computer whose clock is not the storage's: requests and links go by the storage's. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import { createLink } from '../../electron/engine/library/share.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import { MIB } from '../../shared/parts.ts';
import { put, ways } from '../remote/port.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { openCli, storageEnv } from '../support/cli.ts';
import { openRemote, openTestEngine, randomFile, toBio } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const MINUTE = 60_000;
const signal = () => AbortSignal.timeout(60_000);

/** @param behindMs How far the storage's clock is behind this computer's. */
async function openStorage(behindMs: number) {
  const dir = await tempDir();
  const clock = { behindMs };
  const statuses: number[] = [];
  const s3 = await startEmbeddedS3({
    dataDir: dir.path,
    nowMs: () => Date.now() - clock.behindMs,
    onRequest: ({ status }) => statuses.push(status),
  });
  return {
    s3: { ...s3, name: 'embedded' as const },
    clock,
    refused: () => statuses.filter((status) => status === 403).length,
    [Symbol.asyncDispose]: async () => {
      await s3.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

describe.each(ways)('the %s way, a clock that is', (way) => {
  test.each([27, -27, 4 * 24 * 60, -4 * 24 * 60])(
    '%i minutes ahead costs the first request, and no link its time',
    async (minutes) => {
      await using storage = await openStorage(minutes * MINUTE);
      await using dir = await tempDir();
      const { s3 } = storage;
      const options = { quietMs: 30, random: () => 0, settings: { way } };
      await using app = openTestEngine(s3, dir.path, options);
      const { remote, home } = app;
      for (const [i, size] of [1_000, 9 * MIB].entries()) {
        const path = join(dir.path, `${i}.mp3`);
        await randomFile(path, size);
        const [job] = await app.engine.uploadNow([path], toBio, signal());
        expect(job).toMatchObject({ state: { kind: 'verified' } });
      }
      // The first look at a key has no words: the one that explains it is refused, too.
      expect(storage.refused()).toBeLessThanOrEqual(2);
      expect(app.corrections).toEqual([{ kind: 'clock', aheadMs: expect.any(Number) as number }]);
      expect(remote.aheadMs() / MINUTE).toBeCloseTo(minutes, 0);

      const [{ key } = { key: '' }] = (await remote.list('', 1, undefined, signal())).objects;
      const context = { remote, links: linkStore(home.database), nowMs: Date.now };
      const request = { key, expiresInSeconds: 600, mode: 'watch' } as const;
      const { url, link } = await createLink(context, request, signal());
      const storageMs = Date.now() - storage.clock.behindMs;
      expect(Math.abs(link.expiresAtMs - (storageMs + 600_000))).toBeLessThan(20_000);
      expect((await fetch(url)).status).toBe(200);
      // It lives for all of its time, and not longer.
      storage.clock.behindMs -= 570_000;
      expect((await fetch(url)).status).toBe(200);
      storage.clock.behindMs -= 60_000;
      expect((await fetch(url)).status).toBe(403);
    },
  );

  test('four minutes off is not talked about', async () => {
    await using storage = await openStorage(4 * MINUTE);
    await using dir = await tempDir();
    const options = { quietMs: 30, settings: { way } };
    await using app = openTestEngine(storage.s3, dir.path, options);
    await app.remote.head('k', signal());
    await app.remote.listUploads('', 1, signal());
    expect(app.corrections).toEqual([]);
    expect(storage.refused()).toBe(0);
  });
});

test('the window says so on each page while it lasts, and the command line once', async () => {
  await using storage = await openStorage(27 * MINUTE);
  const text =
    'This computer’s clock is 27 minutes ahead of the storage’s. Uploads and links go by the storage’s clock. Turn on automatic date and time on this computer.';
  await using app = await openTestAppHost({ env: storageEnv(storage.s3) });
  const warning = async () => {
    const reply = await app.host.serve('getStatus', {});
    return reply.ok ? (reply.value as { warning: string | null }).warning : reply;
  };
  expect(await warning()).toBeNull();
  await app.host.serve('refreshObjects', {});
  expect(await warning()).toBe(text);
  storage.clock.behindMs = 0;
  await app.host.serve('refreshObjects', {});
  expect(await warning()).toBeNull();

  storage.clock.behindMs = 27 * MINUTE;
  await using cli = await openCli(storage.s3);
  await randomFile(join(cli.folder, 'a.mp3'), 1_000);
  const { stderr, code } = await cli.run('upload', 'a.mp3', '--class', 'bio-101');
  expect([code, stderr.split(text).length - 1]).toEqual([0, 1]);
});

test.each([120, -120])(
  'a link on a computer whose clock is %i minutes ahead is live as long as it opens, and is counted down to its end',
  async (minutes) => {
    await using storage = await openStorage(minutes * MINUTE);
    await using app = await openTestAppHost({ env: storageEnv(storage.s3) });
    const api = apiOf(app);
    using remote = openRemote(storage.s3);
    await put(remote, 'audio/bio-101/a.mp3', Buffer.from('sound'));
    await api.refreshObjects({});
    const asked = { key: 'audio/bio-101/a.mp3', mode: 'watch', note: '' } as const;
    const { url } = await api.createLink({ ...asked, expiresInSeconds: 600 });
    const links = async () =>
      (await api.listLinks({ filter: 'all', words: '', offset: 0, limit: 9 })).rows;
    const [link] = await links();
    expect([link?.state, (await fetch(url)).status]).toEqual(['live', 200]);
    expect(Math.abs(link!.endsHereMs - (Date.now() + 600_000))).toBeLessThan(20_000);
    expect(Math.abs(link!.expiresAtMs - (Date.now() - minutes * MINUTE + 600_000))).toBeLessThan(
      20_000,
    );
  },
);
