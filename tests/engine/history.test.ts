/** @file "While you were away": what the engine really does stands in the history, once, and survives a restart. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { historyText } from '../../shared/api/history.ts';
import { historyStore } from '../../electron/engine/store/history.ts';
import { bioClass, countingServer, openTestEngine, randomFile } from '../support/engine.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { openCli } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const said = (store: ReturnType<typeof historyStore>) =>
  store
    .page(null, 0, 100)
    .toReversed()
    .map((line) => historyText(line, () => 'then').replaceAll(/\/\S+\//g, ''));

test('an evening of a classroom is told in order, each thing once', async () => {
  await using s3 = await countingServer();
  await using dir = await tempDir();
  const folder = join(dir.path, 'Recordings');
  await randomFile(join(folder, 'a.mp3'), 900);
  await using app = openTestEngine(s3, dir.path, { quietMs: 100, rescanMs: 500, random: () => 0 });
  const store = historyStore(app.home.database, Date.now);
  await app.engine.addFolder(folder, bioClass);
  app.engine.start();
  const last = () => said(store).at(-1);
  await expect.poll(last).toBe('“a.mp3” was stored and checked');
  await writeFile(join(folder, 'empty.mp3'), '');
  await expect.poll(last).toBe('“empty.mp3” waits for you: the file is empty (0 bytes)');
  const [held] = app.engine.jobs.list('held', 1);
  await app.engine.decisions.dismiss({ ids: [held!.id] });
  await rename(folder, `${folder} away`);
  await expect.poll(last).toMatch(/Recordings was not connected/);
  await rename(`${folder} away`, folder);
  await expect.poll(last).toMatch(/Recordings was there again/);
  expect(said(store)).toEqual([
    'The folder Recordings is followed',
    '“a.mp3” was stored and checked',
    '“empty.mp3” waits for you: the file is empty (0 bytes)',
    '“empty.mp3” was dismissed, and is not uploaded',
    'The folder Recordings was not connected; its recordings waited',
    'The folder Recordings was there again',
  ]);
});

test('a window asks for it and saves it; links, deletions, sleep, start and end are in it, and no address', async () => {
  const saved: string[] = [];
  await using dir = await tempDir();
  await using app = await openTestAppHost({
    desktop: {
      chooseSavePath: (name) => {
        saved.push(name);
        return Promise.resolve(join(dir.path, name));
      },
    },
  });
  const api = apiOf(app);
  await randomFile(join(app.folder, 'a.mp3'), 900);
  const rule = {
    kind: 'audio',
    classId: 'BIO-101',
    userId: 't',
    include: [],
    exclude: [],
  } as const;
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  await expect.poll(async () => (await api.getStatus({})).counts['verified']).toBe(1);
  const { rows } = await api.listJobs({ filter: 'done', offset: 0, limit: 1 });
  const key = rows[0]!.key!;
  const { url } = await api.createLink({ key, expiresInSeconds: 600, mode: 'watch', note: 'n' });
  await api.deleteObject({ key });
  app.host.slept();
  app.host.woke();
  const all = async () => {
    const page = await api.listHistory({ classId: null, offset: 0, limit: 100 });
    expect(page.total).toBe(page.rows.length);
    return page.rows.map(({ kind }) => kind).toReversed();
  };
  expect(await all()).toEqual([
    'opened',
    'folder-added',
    'verified',
    'link',
    'deleted',
    'slept',
    'woke',
  ]);
  const ofClass = await api.listHistory({ classId: 'BIO-101', offset: 0, limit: 2 });
  expect(ofClass).toMatchObject({ total: 4, classes: ['BIO-101'], rows: [{}, {}] });
  const { path } = await api.exportHistory({ classId: null });
  expect(saved).toEqual(['Pan-Sea Sync history.csv']);
  expect(path).toBe(join(dir.path, saved[0]!));
  const signature = new URL(url).searchParams.get('X-Amz-Signature')!;
  const dump = JSON.stringify(app.host.storage().database.prepare('SELECT * FROM history').all());
  for (const secret of [signature, url, 'X-Amz']) expect(dump).not.toContain(secret);
});

test('the command line tells it, also of a kill and of a new start', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3);
  expect((await cli.run('history')).stdout).toBe('Nothing has happened here yet.\n');
  await cli.run('folders', 'add', cli.folder, '--class', 'BIO-101');
  for (const name of ['=cmd.mp3', 'b\u202E\n.mp3', 'c.mp3'])
    await randomFile(join(cli.folder, name), 900);
  await cli.run('sync');
  const { stdout } = await cli.run('history', '--class', 'BIO-101');
  expect(stdout).toMatch(/3 recordings were stored and checked \(.*=cmd\.mp3.*\)\n$/);
  expect(stdout).not.toMatch(/\u202E/);
  const { history, total } = (await cli.run('history', '--json', '--limit', '2')).json();
  expect({ total, kinds: history.map(({ kind }: { kind: string }) => kind) }).toEqual({
    total: 2,
    kinds: ['verified', 'verified'],
  });
  expect(history[1]).toMatchObject({ classId: 'BIO-101', code: null, text: expect.any(String) });
  const table = await cli.run('history', '--csv', 'history.csv', '--json');
  expect(dirname(table.json().path)).toBe(cli.folder);
  expect(await cli.run('history', '--csv', 'history.csv', '--json')).toMatchObject({ code: 1 });
  await rm(table.json().path);
});
