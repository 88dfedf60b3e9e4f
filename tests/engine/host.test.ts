import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome } from '../../electron/engine/home/home.ts';
import { openAppHost } from '../../electron/engine/window/host.ts';
import { startDemo } from '../../electron/demo/demo.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { storageEnv } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';
import { certificate, tlsFront } from '../support/tls-front.ts';

const rule = {
  kind: 'audio',
  classId: 'bio-101',
  userId: 'teacher-7',
  include: [],
  exclude: [],
} as const;
const ruleOf = (classId: string | null) => ({ ...rule, classId, include: [], exclude: [] });
const page = { offset: 0, limit: 100 };

test('a window watches a folder, sees the recording arrive, finds it by name, shares and deletes it', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  const told: string[] = [];
  app.host.onEvent((event) => told.push(event.type === 'job' ? event.job.state : event.type));
  await writeFile(join(app.folder, 'notes.txt'), 'no recording');
  await writeFile(join(app.folder, 'Économie, week 3.mp3'), 'sound');

  const preview = await api.previewFolder({ path: app.folder, rule: ruleOf('bio-101') });
  expect(preview).toEqual({
    files: [
      {
        name: 'Économie, week 3.mp3',
        sizeBytes: 5,
        key: 'audio/bio-101/{uuid}.mp3',
        kept: null,
        storedIn: null,
      },
    ],
    skipped: [{ name: 'notes.txt', reason: 'not a recording' }],
    total: 1,
    leftOut: 1,
    isCutOff: false,
  });
  await api.saveFolder({ path: app.folder, rule: ruleOf('bio-101') });
  const done = async () => (await api.listJobs({ filter: 'done', ...page })).rows;
  await expect
    .poll(done)
    .toMatchObject([
      { name: 'Économie, week 3.mp3', destination: 'bio-101', state: 'verified', trouble: null },
    ]);
  expect(told).toEqual(expect.arrayContaining(['queued', 'uploading', 'verified', 'status']));
  expect(await api.getStatus({})).toMatchObject({
    mode: 'ready',
    safeToLeave: true,
    bytesLeft: 0,
    trouble: null,
  });

  await api.refreshObjects({});
  expect(await api.listOwners({})).toEqual([
    { kind: 'audio', ownerId: 'bio-101', objects: 1, sizeBytes: 5 },
  ]);
  const found = await api.listObjects({
    owner: null,
    words: 'economie week',
    ...page,
  });
  expect(found).toMatchObject({
    total: 1,
    rows: [{ name: 'Économie, week 3.mp3', ownerId: 'bio-101' }],
  });
  const { key } = found.rows[0]!;
  expect(await api.getObject({ key })).toMatchObject({
    key,
    sizeBytes: 5,
    metadata: { class_id: 'bio-101' },
  });

  const link = await api.createLink({
    key,
    expiresInSeconds: 600,
    mode: 'watch',
    note: 'for Ms Kim',
  });
  expect(await (await fetch(link.url)).text()).toBe('sound');
  const { download } = await api.startDownload({ key });
  await expect
    .poll(() => api.listDownloads({}))
    .toMatchObject([{ id: download!.id, state: 'done', verified: true, doneBytes: 5 }]);
  expect(await readFile(download!.path, 'utf8')).toBe('sound');
  expect(await api.deleteObject({ key })).toEqual({ recoverable: false });
  expect(await api.listLinks({ filter: 'all', words: '', ...page })).toMatchObject({
    total: 1,
    rows: [{ state: 'dead', note: 'for Ms Kim' }],
  });
  expect(
    (await api.listObjects({ owner: { kind: 'audio', ownerId: 'bio-101' }, words: '', ...page }))
      .total,
  ).toBe(0);
  expect(await readFile(join(app.folder, 'Économie, week 3.mp3'), 'utf8')).toBe('sound');
});

test('unknown calls and wrong shapes never reach the engine, and the answer says so', async () => {
  await using app = await openTestAppHost();
  for (const [name, input] of [
    ['nonsense', {}],
    ['constructor', {}],
    ['__proto__', {}],
    [42, {}],
    ['listJobs', null],
    ['listJobs', { filter: 'all', offset: -1, limit: 10 }],
    ['listJobs', { filter: 'all', offset: 0, limit: 100_000 }],
    ['createLink', { key: 'k', expiresInSeconds: 604_801, mode: 'watch', note: '' }],
    ['saveFolder', { path: '/', rule: { ...rule, classId: '../x' } }],
  ] as const)
    expect(await app.host.serve(name, input)).toMatchObject({ ok: false, code: 'usage' });
});

test('pausing puts running uploads back and resuming sends them', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  await api.setPaused({ isPaused: true });
  await writeFile(join(app.folder, 'a.mp3'), 'sound');
  await api.saveFolder({ path: app.folder, rule: ruleOf('bio-101') });
  await expect
    .poll(async () => (await api.listJobs({ filter: 'waiting', ...page })).total, {
      timeout: 20_000,
    })
    .toBe(1);
  expect(await api.getStatus({})).toMatchObject({ isPaused: true, safeToLeave: false });
  await api.setPaused({ isPaused: false });
  await expect.poll(async () => (await api.listJobs({ filter: 'done', ...page })).total).toBe(1);
});

test('a recording without a class is held in words until its folder has one', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  await writeFile(join(app.folder, 'a.mp3'), 'sound');
  await api.saveFolder({ path: app.folder, rule: ruleOf(null) });
  const attention = async () => (await api.listJobs({ filter: 'attention', ...page })).rows;
  await expect
    .poll(attention)
    .toMatchObject([{ state: 'held', trouble: { title: 'Its folder has no class yet' } }]);
  await api.saveFolder({ path: app.folder, rule: ruleOf('chem-1') });
  await expect
    .poll(async () => (await api.listJobs({ filter: 'done', ...page })).rows)
    .toMatchObject([{ destination: 'chem-1' }]);
});

test('without settings the window asks for them, and works as soon as they are saved', async () => {
  await using app = await openTestAppHost({ env: {} });
  const api = apiOf(app);
  expect(await api.getStatus({})).toMatchObject({
    mode: 'no-settings',
    bucket: null,
    isUnused: true,
  });
  await expect(api.refreshObjects({})).rejects.toMatchObject({ code: 'settings-missing' });
  const connection = {
    bucket: app.s3.bucket,
    region: 'us-east-1',
    endpoint: app.s3.endpoint,
    profile: '',
  };
  await expect(
    api.saveConnection({ ...connection, bucket: 'no bucket!', keys: null }),
  ).rejects.toMatchObject({ code: 'settings-wrong' });
  const keys = { accessKeyId: 'AKIACANARY1234567890', secretAccessKey: 'cAnArY-secret' };
  // No keychain here: typed keys are used, and forgotten with the process rather than kept in the clear.
  await api.saveConnection({ ...connection, keys });
  expect(await api.getConnection({})).toMatchObject({ hasKeys: true, keyStore: 'memory' });
  await expect(api.refreshObjects({})).rejects.toMatchObject({ code: 'wrong-access-key' });
  expect(await api.getStatus({})).toMatchObject({
    mode: 'ready',
    bucket: app.s3.bucket,
    endpoint: app.s3.endpoint,
  });
  const files = await readdir(app.homePath, { recursive: true, withFileTypes: true });
  const contents = files
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1'));
  expect((await Promise.all(contents)).join('')).not.toContain('cAnArY');
});

test('folders that are followed while no storage is connected are never called safe to leave', async () => {
  await using app = await openTestAppHost();
  const isLeft = { safeToLeave: true, isUnused: false, reason: 'There is nothing to upload.' };
  expect(await apiOf(app).getStatus({})).toMatchObject({ safeToLeave: true, isUnused: true });
  await apiOf(app).saveFolder({ path: app.folder, rule: ruleOf('bio-101') });
  await expect.poll(() => apiOf(app).getStatus({})).toMatchObject(isLeft);
  await app.host.stop();
  await writeFile(join(app.folder, 'a.mp3'), 'sound');
  await using later = await openTestAppHost({ env: {}, homePath: app.homePath });
  expect(await apiOf(later).getStatus({})).toMatchObject({
    mode: 'no-settings',
    safeToLeave: false,
    isUnused: false,
    reason: 'No storage is connected: nothing in your folders is copied.',
    ifLeft: 'Your recordings stay on this computer. Connect the storage in Settings.',
  });
});

test('a home that another process holds is the status, not a crash', async () => {
  await using dir = await tempDir();
  const homePath = join(dir.path, 'home');
  const holder = lockHome({ path: homePath });
  const host = await openAppHost({
    env: {},
    homePath,
    version: 'test',
    userId: 'u',
    quietMs: 100,
    rescanMs: 60_000,
    desktop: { chooseSavePath: () => Promise.resolve(undefined) },
  });
  try {
    const api = apiOf({ host });
    expect(await api.getStatus({})).toMatchObject({
      mode: 'broken',
      safeToLeave: false,
      trouble: { code: 'home-locked' },
    });
    await expect(api.listJobs({ filter: 'all', ...page })).rejects.toMatchObject({
      code: 'home-locked',
    });
  } finally {
    await host.stop();
    holder.close();
  }
});

test('the demo keeps to itself: its own ledger, gone when it ends', async () => {
  await using app = await openTestAppHost({ env: {}, startDemo });
  const api = apiOf(app);
  expect(await api.getStatus({})).toMatchObject({ mode: 'demo', bucket: 'pansea-demo' });
  const [folder] = await api.listFolders({});
  await expect
    .poll(async () => (await api.listJobs({ filter: 'done', ...page })).total, { timeout: 30_000 })
    .toBeGreaterThan(0);
  await app.host.stop();
  await expect(readdir(folder!.path)).rejects.toMatchObject({ code: 'ENOENT' });
  await mkdir(app.homePath, { recursive: true });
  await rm(app.homePath, { recursive: true });
});

/** As on a disk on which another program holds one of its files. */
async function held(nativeBinding?: string) {
  const demo = await startDemo(nativeBinding);
  const close = async () => {
    await demo.close();
    throw new Error('EBUSY: resource busy or locked, unlink');
  };
  return { ...demo, close };
}

test('a demo whose files cannot be removed keeps the real storage from nothing', async () => {
  await using app = await openTestAppHost({ env: {}, startDemo: held });
  const api = apiOf(app);
  const { bucket, region, endpoint, accessKeyId, secretAccessKey } = app.s3;
  const keys = { accessKeyId, secretAccessKey };
  await api.saveConnection({ bucket, region, endpoint, profile: '', keys });
  expect(await api.getStatus({})).toMatchObject({ mode: 'ready', bucket, trouble: null });
  await writeFile(join(app.folder, 'a.mp3'), 'sound');
  await api.saveFolder({ path: app.folder, rule: ruleOf('bio-101') });
  const done = async () => (await api.listJobs({ filter: 'done', ...page })).total;
  await expect.poll(done).toBe(1);
});

test('a connection that is inspected is told with the name of who inspects it, and nothing is sent over it', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const keys = await certificate(dir.path, 'A School Filter');
  await using front = await tlsFront(keys, Number(new URL(s3.endpoint).port));
  const endpoint = `https://127.0.0.1:${front.port}`;
  await using app = await openTestAppHost({
    env: { ...storageEnv(s3), AWS_S3_ENDPOINT_URL: endpoint },
  });
  const api = apiOf(app);
  await writeFile(join(app.folder, 'a.mp3'), 'sound');
  await api.saveFolder({ path: app.folder, rule: ruleOf('bio-101') });
  await expect
    .poll(async () => (await api.getStatus({})).trouble)
    .toMatchObject({
      code: 'untrusted-connection',
      detail: expect.stringContaining(
        'The certificate was issued by A School Filter; your school’s network may inspect connections',
      ),
    });
  expect(s3.requests).toEqual([]);
});
