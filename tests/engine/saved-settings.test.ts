/** @file What a person typed and the ledger keeps: what cannot be read of it is never taken for "nothing typed". */
import type { Database } from 'better-sqlite3';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDemo } from '../../electron/demo/demo.ts';
import { defaultHome, lockHome } from '../../electron/engine/home/home.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import type { HostOptions } from '../../electron/engine/window/host.ts';
import { readRecovery } from '../../electron/engine/home/recovery-record.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { storageEnv } from '../support/cli.ts';
import { linuxKeychain } from '../support/keychain.ts';
import { openServer, type S3Access } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const page = { offset: 0, limit: 100 };
const CONNECTION = 'The connection: bucket, region, endpoint and profile';
const KEYS = 'The access key and its secret';
const rule = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
const vault = { chooseSavePath: () => Promise.resolve(undefined), keys: linuxKeychain() };

const typed = (s3: S3Access) => ({
  bucket: s3.bucket,
  region: 'us-east-1',
  endpoint: s3.endpoint,
  profile: '',
  keys: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
});
/** As the row is, byte for byte. */
const rowsOf = (homePath: string) => {
  const home = lockHome({ path: homePath });
  const rows = home.database
    .prepare<[], string>(
      `SELECT value FROM settings WHERE name IN ('connection', 'sealed_keys') ORDER BY name`,
    )
    .pluck()
    .all();
  home.close();
  return rows;
};

/** A home in which a connection was typed and a recording waits, and whose settings then became `damage`. */
async function openDamaged(s3: S3Access, home: string, damage: Record<string, unknown>) {
  const options: Partial<HostOptions> = { env: {}, homePath: home, desktop: vault, startDemo };
  {
    await using before = await openTestAppHost({ env: {}, homePath: home, desktop: vault });
    const api = apiOf(before);
    await api.saveConnection(typed(s3));
    await api.setPaused({ isPaused: true });
    await writeFile(join(home, '..', 'in', 'a.mp3'), 'sound');
    const folder = { path: join(home, '..', 'in'), rule: { ...rule, include: [], exclude: [] } };
    await api.saveFolder(folder);
    const waiting = async () => (await api.listJobs({ filter: 'waiting', ...page })).total;
    await expect.poll(waiting).toBe(1);
    await before.host.stop();
  }
  const ledger = lockHome({ path: home });
  settingStore(ledger.database).setAll(damage);
  ledger.close();
  return openTestAppHost(options);
}

test.each([
  ['the connection without its bucket', { connection: { region: 'us-east-1' } }, CONNECTION],
  ['the connection as a list', { connection: [] }, CONNECTION],
  ['the connection as nothing', { connection: null }, CONNECTION],
  [
    'an encryption of a newer version',
    {
      connection: {
        bucket: 'recordings',
        region: '',
        endpoint: '',
        profile: '',
        encryption: 'quantum',
      },
    },
    CONNECTION,
  ],
  ['the keys as a number', { sealed_keys: 7 }, KEYS],
  ['keys that are none when opened', { sealed_keys: 'c2VjcmV0Y2FuYXJ5' }, KEYS],
])(
  '%s: said with a way on; nothing starts in its place, and nothing is touched',
  async (...row) => {
    const [, damage, what] = row;
    await using s3 = await openServer('embedded');
    await using dir = await tempDir();
    const home = join(dir.path, 'ours');
    await mkdir(join(dir.path, 'in'));
    await using app = await openDamaged(s3, home, damage);
    const api = apiOf(app);
    expect(await api.getStatus({})).toMatchObject({
      mode: 'broken',
      safeToLeave: false,
      reason: 'Settings that were saved cannot be read',
      trouble: { code: 'saved-unreadable', detail: what },
    });
    await expect(api.listJobs({ filter: 'all', ...page })).rejects.toMatchObject({
      code: 'saved-unreadable',
    });
    expect(await api.getConnection({})).toMatchObject({ isFixed: false });
    await app.host.stop();
    // Neither the damaged row nor the recording that waits has changed, and the log quotes no key.
    const [name, value] = Object.entries(damage)[0]!;
    expect(rowsOf(home)[name === 'connection' ? 0 : 1]).toBe(JSON.stringify(value));
    const logs = await readdir(join(home, 'logs'));
    const log = await Promise.all(logs.map((file) => readFile(join(home, 'logs', file), 'utf8')));
    expect(log.join('')).toContain(`"message":"${what}`);
    expect(log.join('')).not.toContain('secretcanary');

    await using again = await openTestAppHost({
      env: {},
      homePath: home,
      desktop: vault,
      startDemo,
    });
    await apiOf(again).saveConnection(typed(s3));
    await apiOf(again).setPaused({ isPaused: false });
    const done = async () => (await apiOf(again).listJobs({ filter: 'done', ...page })).total;
    await expect.poll(done, { timeout: 30_000 }).toBe(1);
    expect(await apiOf(again).getStatus({})).toMatchObject({ mode: 'ready', bucket: s3.bucket });
  },
);

test('keys in a keychain that this window does not reach are asked for, and no others are used', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const home = join(dir.path, 'ours');
  await mkdir(join(dir.path, 'in'));
  await using app = await openDamaged(s3, home, {});
  expect(await apiOf(app).getStatus({})).toMatchObject({ mode: 'ready' });
  await app.host.stop();
  await using browser = await openTestAppHost({ env: {}, homePath: home });
  expect(await apiOf(browser).getStatus({})).toMatchObject({
    mode: 'broken',
    trouble: {
      code: 'saved-unreadable',
      detail: 'The keys are in the keychain, which only the app itself opens',
    },
  });
  await apiOf(browser).saveConnection(typed(s3));
  expect(await apiOf(browser).getStatus({})).toMatchObject({ mode: 'ready' });
});

test('a row that is no JSON comes back from the copy beside the ledger, which is kept whole', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const home = join(dir.path, 'ours');
  await mkdir(join(dir.path, 'in'));
  {
    await using app = await openDamaged(s3, home, {});
    await app.host.stop();
  }
  const copy = await readFile(join(home, 'ledger-copy.json'));
  const ledger = lockHome({ path: home });
  ledger.database.exec(`UPDATE settings SET value = '{"bucket' WHERE name = 'connection'`);
  ledger.close();
  await writeFile(join(home, 'ledger-copy.json'), copy);
  await using app = await openTestAppHost({ env: {}, homePath: home, desktop: vault, startDemo });
  const status = await apiOf(app).getStatus({});
  expect(status).toMatchObject({ mode: 'ready', bucket: s3.bucket });
  expect(status.recovery).toContain('damaged');
  expect((await readdir(home)).filter((name) => name.startsWith('damaged-'))).toHaveLength(1);
});

test('a note on the rebuilding that cannot be read is not taken for a ledger that was never rebuilt', async () => {
  await using dir = await tempDir();
  const home = join(dir.path, 'ours');
  const first = lockHome({ path: home });
  settingStore(first.database).set('recovery', { reason: 'who knows' });
  expect(jobStore(first.database, Date.now).tally()).toEqual([]);
  first.close();
  const second = lockHome({ path: home });
  expect(readRecovery(second.database)).toMatchObject({ reason: 'damaged', isListed: false });
  second.close();
});

const classesIn = (database: Database) =>
  folderStore(database, Date.now)
    .list()
    .map(({ rule: now }) => now.kind === 'audio' && now.classId);

test.each(['can', 'cannot'])(
  'a copy that could not be brought up to date at the end does not pass for what was meant, when the ledger %s note that',
  async (may) => {
    await using dir = await tempDir();
    const home = join(dir.path, 'ours');
    const warnings: unknown[] = [];
    const first = lockHome({ path: home, onWarning: (error) => warnings.push(error) });
    const folders = folderStore(first.database, Date.now);
    folders.put('/r', { ...rule, include: [], exclude: [] });
    await expect.poll(() => readFile(join(home, 'ledger-copy.json'), 'utf8')).toContain('bio-101');
    // In the way of the file that a new copy is written to first.
    await mkdir(join(home, 'ledger-copy.json.new'));
    folders.put('/r', { ...rule, classId: 'chem-7', include: [], exclude: [] });
    if (may === 'cannot') first.database.pragma('query_only = ON');
    first.close();
    expect(warnings).not.toEqual([]);
    await rm(join(home, 'ledger-copy.json.new'), { recursive: true });
    const second = lockHome({ path: home });
    expect(classesIn(second.database)).toEqual(['chem-7']);
    second.close();
    expect((await readdir(home)).filter((name) => name.startsWith('damaged-'))).toEqual([]);
    // What is changed from then on is believed of the copy again.
    const third = lockHome({ path: home });
    expect(classesIn(third.database)).toEqual(['chem-7']);
    third.close();
  },
);

test('a connection of the environment is shown with its switches, and the home where it is not the usual one', async () => {
  await using s3 = await openServer('embedded');
  await using dir = await tempDir();
  const env = {
    ...storageEnv(s3),
    AWS_S3_USE_SSL: 'false',
    AWS_S3_VERIFY_SSL: 'off',
    XDG_CONFIG_HOME: dir.path,
    APPDATA: dir.path,
  };
  const elsewhere = join(dir.path, 'elsewhere');
  // On macOS no variable says where the usual place is.
  const usual = process.platform === 'darwin' ? [] : [[defaultHome(env), null] as const];
  for (const [homePath, home] of [[elsewhere, elsewhere] as const, ...usual]) {
    await mkdir(homePath);
    await using app = await openTestAppHost({ env, homePath });
    const shown = { isFixed: true, useSsl: false, verifySsl: false, home };
    expect(await apiOf(app).getConnection({})).toMatchObject(shown);
  }
});
