/** @file Recordings that lie in an archive of the storage: what may be done with them, and what is said. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { auditStore } from '../../electron/engine/store/audits.ts';
import { runAudit } from '../../electron/engine/audit/audit-run.ts';
import { downloadObject } from '../../electron/engine/library/download.ts';
import { mustHead } from '../../electron/engine/library/objects.ts';
import { createLink } from '../../electron/engine/library/share.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import type { Switches } from '../../electron/embedded-s3/switches.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import type { StorageClass } from '../../shared/storage-class.ts';
import { openArchive } from '../support/archive.ts';
import {
  bioClass,
  countingServer,
  openRemote,
  openTestEngine,
  randomFile,
  signal,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

const NEVER_MS = 1e9;

/** A storage with one object in that class, the way that is asked for. */
async function open(
  storageClass: StorageClass,
  switches: Switches = { restoreMs: NEVER_MS },
  way: 'light' | 'sdk' = 'light',
) {
  const s3 = await countingServer(switches);
  const remote = openRemote(s3, { way });
  const db = openDatabase(':memory:');
  const body = Buffer.from('sound');
  const headers = { contentType: 'audio/mpeg', metadata: {}, storageClass };
  await remote.putObject('k.mp3', body, crc32(body), headers, signal());
  return {
    s3,
    remote,
    state: async () => (await mustHead(remote, 'k.mp3', signal())).readability,
    link: (expiresInSeconds: number) =>
      createLink(
        { remote, links: linkStore(db), nowMs: Date.now },
        { key: 'k.mp3', expiresInSeconds, mode: 'watch' },
        signal(),
      ),
    [Symbol.asyncDispose]: async () => {
      db.close();
      remote.close();
      await s3[Symbol.asyncDispose]();
    },
  };
}

const standard = (days: number | undefined) => ({ days, speed: 'standard' }) as const;

describe.each(['light', 'sdk'] as const)('the %s way', (way) => {
  test('tells an archived object from one that is being restored, and that from one whose copy can be read', async () => {
    const switches = { restoreMs: NEVER_MS };
    await using on = await open('GLACIER', switches, way);
    expect(await on.state()).toEqual({ kind: 'archived', archive: 'GLACIER' });
    await on.remote.restoreObject('k.mp3', standard(2), signal());
    expect(await on.state()).toEqual({ kind: 'restoring', archive: 'GLACIER' });
    const again = on.remote.restoreObject('k.mp3', standard(2), signal());
    await expect(again).rejects.toMatchObject({ code: 'object-restoring' });

    await using soon = await open('DEEP_ARCHIVE', { restoreMs: 0 }, way);
    await soon.remote.restoreObject('k.mp3', standard(2), signal());
    const state = await soon.state();
    if (state.kind !== 'restored') throw new Error(`It is ${state.kind}`);
    expect(state.untilMs % DAY_MS).toBe(0);
    expect(state.untilMs - Date.now()).toBeGreaterThan(2 * DAY_MS);
  });

  test('brings back out of Intelligent-Tiering what stays readable', async () => {
    await using on = await open(
      'INTELLIGENT_TIERING',
      { restoreMs: 0, tieredTo: 'DEEP_ARCHIVE_ACCESS' },
      way,
    );
    expect(await on.state()).toEqual({ kind: 'archived', archive: 'DEEP_ARCHIVE_ACCESS' });
    await on.remote.restoreObject('k.mp3', standard(undefined), signal());
    expect(await on.state()).toEqual({ kind: 'readable' });
  });

  test('says what keeps an object from being restored', async () => {
    await using on = await open('STANDARD', {}, way);
    const restore = () => on.remote.restoreObject('k.mp3', standard(1), signal());
    await expect(restore()).rejects.toMatchObject({ code: 'not-archived' });
    on.s3.switches.denied = ['RestoreObject'];
    await expect(restore()).rejects.toMatchObject({ code: 'restore-denied' });
    on.s3.switches.denied = [];
    on.s3.switches.missing = ['RestoreObject'];
    await expect(restore()).rejects.toMatchObject({ code: 'not-supported' });
  });
});

test('no link and no download is made of what cannot be read yet, and each says why', async () => {
  await using on = await open('GLACIER');
  await using dir = await tempDir();
  const download = async () =>
    downloadObject({
      remote: on.remote,
      info: await mustHead(on.remote, 'k.mp3', signal()),
      target: join(dir.path, 'k.mp3'),
      overwrite: false,
      signal: signal(),
    });
  for (const code of ['object-archived', 'object-restoring']) {
    await expect(on.link(60)).rejects.toMatchObject({ code });
    await expect(download()).rejects.toMatchObject({ code });
    expect(await readdir(dir.path)).toEqual([]);
    if (code === 'object-archived') await on.remote.restoreObject('k.mp3', standard(1), signal());
  }
});

test('a link to a readable copy ends with it, and says so; it and a download open', async () => {
  await using on = await open('GLACIER', { restoreMs: 0 });
  await using dir = await tempDir();
  await on.remote.restoreObject('k.mp3', standard(1), signal());
  const state = await on.state();
  const untilMs = state.kind === 'restored' ? state.untilMs : Number.NaN;
  const { url, link, because } = await on.link(6 * 86_400);
  expect([link.expiresAtMs, because]).toEqual([untilMs, 'copy']);
  const signedSeconds = Number(new URL(url).searchParams.get('X-Amz-Expires'));
  expect(signedSeconds).toBeLessThanOrEqual((untilMs - link.createdAtMs) / 1_000);
  expect(await (await fetch(url)).text()).toBe('sound');
  expect((await on.link(60)).because).toBe('asked');
  const info = await mustHead(on.remote, 'k.mp3', signal());
  const target = join(dir.path, 'k.mp3');
  const order = { remote: on.remote, info, target, overwrite: false, signal: signal() };
  expect(await downloadObject(order)).toMatchObject({ verified: true });
  expect(await readFile(target, 'utf8')).toBe('sound');
});

test('what would have to be read back is told to be in an archive: not damaged, missing or unreadable', async () => {
  await using archive = await openArchive({ 'a.mp3': 'lecture a' }, { restoreMs: NEVER_MS });
  const { context, plan, s3 } = archive;
  await archive.run();
  await s3.damage.moveTo(archive.keyOf('a.mp3'), 'GLACIER');
  const verdict = async (level: 'full' | 'read-back') =>
    verifyPlan(context, plan, { level, share: 1 }, () => {}, signal());
  expect(await verdict('read-back')).toMatchObject({ archived: 1, verified: 0, unreadable: 0 });
  // Where the storage keeps a checksum nothing has to be read.
  expect(await verdict('full')).toMatchObject({ verified: 1 });
});

test('an audit says of an archived copy without a checksum that it is there and cannot be compared', async () => {
  await using s3 = await countingServer({ checksums: 'ignored' });
  await using dir = await tempDir();
  const folder = join(dir.path, 'Recordings');
  await randomFile(join(folder, 'a.mp3'), 20_000);
  await using app = openTestEngine(s3, dir.path);
  await app.engine.addFolder(folder, bioClass);
  expect(await app.engine.syncOnce(signal())).toMatchObject({ verified: 1 });
  await s3.damage.moveTo(app.engine.jobs.list('verified', 1)[0]!.key!, 'DEEP_ARCHIVE');
  const { database } = app.home;
  const look = (remote: Remote) =>
    runAudit(
      { database, remote, jobs: app.engine.jobs, folders: folderStore(database, Date.now).list() },
      'full',
      Date.now,
      () => {},
      signal(),
    );
  expect((await look(app.remote)).totals).toEqual({ archived: 1 });
  expect(
    auditStore(database)
      .page('archived', 0, 10)
      .map(({ name }) => name),
  ).toEqual(['a.mp3']);
});
