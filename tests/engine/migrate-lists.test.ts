/** @file All files that a page shows the first of, the plans that are known, and what has changed since a plan. */
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Api } from '../../shared/api.ts';
import { csvRows } from '../../shared/csv.ts';
import type { NamedList } from '../../shared/api/migration-lists.ts';
import { writeOld } from '../support/archive.ts';
import { openWindowArchive, verified, type TestArchive } from '../support/migration.ts';

const files = { 'a.mp3': 'lecture a', 'sub/b.mp3': 'lecture b', 'sub/c.mp3': 'lecture c' };
const PAGE = { words: '', offset: 0, limit: 100 };
const numbers = Array.from({ length: 12 }, (_, i) => i + 10);

const pathsOf = async (api: Api, plan: string, list: NamedList, why: string, page = PAGE) => {
  const { rows, total } = await api.listNamed({ plan, list, why, ...page });
  return { paths: rows.map(({ path }) => path), total };
};

async function rowsOf(file: string): Promise<(readonly string[])[]> {
  const rows = [];
  const text = await readFile(file, 'utf8');
  for await (const { fields } of csvRows(
    (async function* one() {
      yield text;
    })(),
  ))
    rows.push(fields);
  return rows;
}

async function quarantined(api: Api, archive: TestArchive): Promise<string> {
  const plan = await verified(api, archive);
  await api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
  await archive.settled();
  return plan;
}

test('whatever is in the way is listed whole, found by a part of its name, and saved as a table', async () => {
  await using place = await openWindowArchive(files);
  const { api, archive } = place;
  for (const number of numbers) await writeOld(join(archive.root, `=Empty ${number}.mp3`), '');
  const plan = await archive.plan();
  const { summary, file } = (await api.getMigration({})).plan!;
  expect(summary.problems).toMatchObject([{ why: 'empty', files: 12 }]);
  expect(summary.problems[0]!.some).toHaveLength(10);
  const all = numbers.map((number) => `=Empty ${number}.mp3`);
  expect(await pathsOf(api, plan, 'problems', 'empty')).toEqual({ paths: all, total: 12 });
  expect(await pathsOf(api, plan, 'problems', 'empty', { words: '', offset: 5, limit: 2 })).toEqual(
    { paths: all.slice(5, 7), total: 12 },
  );
  const found = { words: 'eMPTY 2', offset: 0, limit: 100 };
  expect(await pathsOf(api, plan, 'problems', 'empty', found)).toEqual({
    paths: ['=Empty 20.mp3', '=Empty 21.mp3'],
    total: 2,
  });
  const { path } = await api.saveNamed({ plan, list: 'problems', why: 'empty' });
  expect(await rowsOf(path!)).toEqual([
    ['path', 'why', 'detail'],
    ...all.map((name) => [`'${name}`, 'empty', '']),
  ]);

  // Of another plan, which nobody has asked yet.
  const other = await archive.plan();
  const second = (await api.getMigration({})).plan!.file;
  expect(second).not.toBe(file);
  await rename(second, `${second}.elsewhere`);
  await expect(pathsOf(api, other, 'problems', 'empty')).rejects.toMatchObject({
    code: 'plan-away',
    message: second,
  });
  await cp(file, second);
  await expect(pathsOf(api, other, 'problems', 'empty')).rejects.toMatchObject({
    code: 'plan-away',
    message: `${second} is another plan by now`,
  });
});

test('what is not as planned any more is told before anything is sent, and no more once it is again', async () => {
  await using place = await openWindowArchive(files);
  const { api, archive } = place;
  const { root, settled } = archive;
  const plan = await archive.plan();
  await api.noteBackup({ plan, by: 'IT, on tape' });
  await writeOld(join(root, 'a.mp3'), 'another lecture');
  await rm(join(root, 'sub/b.mp3'));
  for (const number of numbers) await writeOld(join(root, `new ${number}.mp3`), 'new');
  await api.lookForDrift({ plan });
  const looked = await settled();
  expect(looked.ended).toMatchObject({ work: 'look', trouble: null, done: { files: 1 } });
  expect(looked.ended!.left).toMatchObject([
    { why: 'new', files: 12 },
    { why: 'changed', files: 1, some: ['a.mp3'] },
    { why: 'gone', files: 1, some: ['sub/b.mp3'] },
  ]);
  expect(looked.plan!.standing.behind.map(({ why }) => why).toSorted()).toEqual([
    'changed',
    'gone',
    'waiting',
  ]);
  expect((await api.listJobs({ filter: 'all', offset: 0, limit: 1 })).total).toBe(0);
  expect((await pathsOf(api, plan, 'left', 'new')).paths).toEqual(
    numbers.map((number) => `new ${number}.mp3`),
  );
  expect((await pathsOf(api, plan, 'behind', 'gone')).paths).toEqual(['sub/b.mp3']);

  await writeOld(join(root, 'a.mp3'), files['a.mp3']);
  await writeOld(join(root, 'sub/b.mp3'), files['sub/b.mp3']);
  await api.lookForDrift({ plan });
  expect((await settled()).plan!.standing.behind).toMatchObject([{ why: 'waiting', files: 3 }]);
  expect(await pathsOf(api, plan, 'behind', 'gone')).toEqual({ paths: [], total: 0 });
  expect(await pathsOf(api, plan, 'left', 'changed')).toEqual({ paths: [], total: 0 });
});

test('of what is in quarantine one file comes back, and the others stay', async () => {
  await using place = await openWindowArchive(files);
  const { api, archive } = place;
  const plan = await quarantined(api, archive);
  const list = () => pathsOf(api, plan, 'quarantined', 'quarantined');
  expect((await list()).paths).toEqual(['a.mp3', 'sub/b.mp3', 'sub/c.mp3']);
  await expect(
    api.putFilesBack({ plan, paths: ['../b.mp3'] }).then(archive.settled),
  ).resolves.toMatchObject({ ended: { trouble: { code: 'usage' } } });
  await api.putFilesBack({ plan, paths: ['sub/b.mp3'] });
  const { ended, plan: now } = await archive.settled();
  expect(ended).toMatchObject({ work: 'undo', trouble: null, done: { files: 1 } });
  expect(now!.standing).toMatchObject({ putBack: { files: 1 }, quarantined: { files: 2 } });
  expect((await list()).paths).toEqual(['a.mp3', 'sub/c.mp3']);
  expect(await readFile(join(archive.root, 'sub/b.mp3'), 'utf8')).toBe('lecture b');
  expect((await readdir(archive.root)).filter((name) => name.endsWith('.mp3'))).toEqual([]);
});

test('plans that were made here are known with how far they are, and each can be shown again', async () => {
  await using place = await openWindowArchive(files);
  const { api, archive } = place;
  expect(await api.listPlans({ offset: 0, limit: 10 })).toEqual({ rows: [], total: 0 });
  const first = await quarantined(api, archive);
  await writeOld(join(archive.root, 'late.mp3'), 'came late');
  const second = await archive.plan();
  const { rows, total } = await api.listPlans({ offset: 0, limit: 10 });
  expect(total).toBe(2);
  expect(rows).toMatchObject([
    { id: second, root: archive.root, files: 1, bytes: 9, isRunning: false },
    { id: first, root: archive.root, files: 3, bytes: 27, isRunning: false },
  ]);
  const standingOf = async (plan: string) => (await api.getPlanStanding({ plan })).standing;
  expect(await standingOf(first)).toMatchObject({ quarantined: { files: 3 } });
  expect(await standingOf(second)).toMatchObject({ uploaded: { files: 0 }, here: { files: 1 } });

  await api.noteBackup({ plan: second, by: 'IT, on tape' });
  await api.setPaused({ isPaused: true });
  await api.runMigration({ plan: second });
  expect((await api.listPlans({ offset: 0, limit: 1 })).rows).toMatchObject([{ isRunning: true }]);
  await expect(api.showPlan({ plan: first })).rejects.toMatchObject({ code: 'usage' });
  await api.stopMigration({});
  await archive.settled();
  await expect(api.showPlan({ plan: 'another' })).rejects.toMatchObject({ code: 'usage' });
  await api.showPlan({ plan: first });
  const { plan } = await api.getMigration({});
  expect(plan).toMatchObject({ id: first, standing: { quarantined: { files: 3 } } });
  await api.putFilesBack({ plan: first, paths: null });
  await archive.settled();
  expect(await standingOf(first)).toMatchObject({ putBack: { files: 3 }, here: { files: 3 } });
});
