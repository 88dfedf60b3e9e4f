import DatabaseConstructor from 'better-sqlite3';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import {
  writeReferences,
  type ReferenceOptions,
} from '../../electron/engine/migrate/references.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { openArchive, type Archive } from '../support/archive.ts';
import { postgresPrograms, startPostgres } from '../support/postgres.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Each file name holds its own attack. */
const hostile = [
  "o'neil.mp3",
  "'; DROP TABLE recordings; --.mp3",
  'back\\slash.mp3',
  "\\'; DROP TABLE recordings; --.mp3",
  '"quoted".mp3',
  'two\nlines.mp3',
  '\\copy recordings to x.mp3',
  "$$ :'path' %s ?1.mp3",
  '=1+1.mp3',
  'Übung – 漢字 🎤.mp3',
  '-- comment.mp3',
  'sub/one.mp3',
];
const columns = { table: 'public.re"cordings', pathColumn: 'old path', keyColumn: 's3_key' };

async function verified(): Promise<Archive> {
  const names = [...hostile, 'not verified.mp3'];
  const archive = await openArchive(Object.fromEntries(names.map((name, i) => [name, `no ${i}`])));
  await archive.run();
  await archive.s3.damage.remove(archive.keyOf('not verified.mp3'));
  const { context, plan, signal } = archive;
  await verifyPlan(context, plan, { level: 'head', share: 1 }, () => {}, signal);
  return archive;
}

async function write(
  archive: Archive,
  given: Partial<ReferenceOptions>,
  name = '',
  expected = { written: hostile.length, left: 1 },
) {
  const { context, plan, dir } = archive;
  const [update, rollback] = [join(dir, `${name}update`), join(dir, `${name}rollback`)];
  const options = { ...columns, format: 'sql', dialect: 'postgresql', prefix: undefined } as const;
  const counts = await writeReferences(context, plan, { ...options, ...given, update, rollback });
  expect(counts).toEqual(expected);
  return { update, rollback };
}

/** What a table has to hold, before and after: paths of the archive, one that has a key, one of others. */
function rowsOf(archive: Archive) {
  const path = (name: string) => join(archive.root, name);
  const empty = [...hostile, 'not verified.mp3'].map((name) => [path(name), null] as const);
  const others = [
    [path('elsewhere.mp3'), null],
    [`${path(hostile[0]!)}x`, 'kept'],
  ] as const;
  const before = [...empty, ...others];
  const keys = new Map(hostile.map((name) => [path(name), archive.keyOf(name)]));
  const after = before.map(([at, key]) => [at, keys.get(at) ?? key] as const);
  return { before: byPath(before), after: byPath(after) };
}

type Row = readonly [path: string, key: string | null];

/** As a database sorts them that compares bytes. */
function byPath(rows: readonly Row[]): Row[] {
  return rows.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

describe('the references of verified files', () => {
  test('are taken by SQLite, and their rollback leaves the table as it was', async () => {
    await using archive = await verified();
    const one = { ...columns, table: 're"cordings' };
    const { update, rollback } = await write(archive, { ...one, dialect: 'sqlite' });
    const { before, after } = rowsOf(archive);
    const db = new DatabaseConstructor(':memory:');
    db.exec('CREATE TABLE "re""cordings" ("old path" TEXT PRIMARY KEY, s3_key TEXT)');
    const insert = db.prepare('INSERT INTO "re""cordings" VALUES (?, ?)');
    for (const row of before) insert.run(row);
    const all = () => db.prepare('SELECT * FROM "re""cordings" ORDER BY 1').raw().all();
    db.exec(await readFile(update, 'utf8'));
    expect(all()).toEqual(after);
    db.exec(await readFile(update, 'utf8'));
    expect(all()).toEqual(after);
    db.exec(await readFile(rollback, 'utf8'));
    expect(all()).toEqual(before);
    db.close();
  });

  test('are taken by PostgreSQL, however it reads backslashes', async ({ skip }) => {
    skip(postgresPrograms() === undefined, 'PostgreSQL is not installed');
    await using archive = await verified();
    await using dir = await tempDir();
    const { update, rollback } = await write(archive, {});
    // psql is not root, and has to get at the files.
    for (const file of [update, rollback]) await chmod(file, 0o644);
    await chmod(dirname(dir.path), 0o711);
    await using server = await startPostgres(dir.path);
    const { before, after } = rowsOf(archive);
    server.psql(
      '-c',
      'CREATE TABLE public."re""cordings" ("old path" text PRIMARY KEY, s3_key text)',
    );
    server.psql('-c', 'ALTER DATABASE postgres SET standard_conforming_strings = off');
    const values = join(archive.dir, 'values.json');
    await writeFile(values, JSON.stringify(before));
    const json = (await readFile(values, 'utf8')).replaceAll('$x$', '');
    server.psql(
      '-c',
      `INSERT INTO public."re""cordings" SELECT r->>0, r->>1 FROM jsonb_array_elements($x$${json}$x$) r`,
    );
    const all = () =>
      JSON.parse(
        server.psql(
          '-At',
          '-c',
          `SELECT jsonb_agg(jsonb_build_array("old path", s3_key) ORDER BY "old path" COLLATE "C") FROM public."re""cordings"`,
        ),
      ) as unknown;
    expect(all()).toEqual(before);
    // As the terminal of Windows has it.
    const windows = ['-d', 'dbname=postgres client_encoding=WIN1252'];
    server.psql(...windows, '-f', update);
    expect(all()).toEqual(after);
    server.psql(...windows, '-f', rollback);
    expect(all()).toEqual(before);
  });

  test.each(['update', 'rollback'] as const)(
    'are refused by SQLite when the path’s column is not there: %s',
    async (way) => {
      await using archive = await verified();
      const options = { table: 'media', pathColumn: 'fiel', dialect: 'sqlite' } as const;
      const file = (await write(archive, options))[way];
      // As most programs have it, unlike better-sqlite3.
      const db = new DatabaseSync(':memory:', { enableDoubleQuotedStringLiterals: true });
      db.exec('CREATE TABLE media (file TEXT PRIMARY KEY, s3_key TEXT)');
      const text = await readFile(file, 'utf8');
      expect(() => db.exec(text)).toThrow('no such column: media.fiel');
      db.close();
    },
  );

  test('come as CSV and as JSON with a statement to bind, under the paths that the database has', async () => {
    await using archive = await verified();
    const json = await write(archive, { format: 'json', prefix: '/srv/old/' });
    const { statement, rows } = JSON.parse(await readFile(json.update, 'utf8'));
    expect(statement).toBe(
      'UPDATE "public"."re""cordings" SET "s3_key" = :key WHERE "public"."re""cordings"."old path" = :path AND "public"."re""cordings"."s3_key" IS NULL',
    );
    expect(rows).toHaveLength(hostile.length);
    const key = archive.keyOf('sub/one.mp3');
    expect(rows).toContainEqual({ path: '/srv/old/sub/one.mp3', key });
    const windows = await write(archive, { format: 'json', prefix: 'D:\\old\\' }, 'windows-');
    const other = JSON.parse(await readFile(windows.update, 'utf8'));
    expect(other.rows).toContainEqual({ path: 'D:\\old\\sub\\one.mp3', key });
    for (const [prefix, path] of [
      ['/srv/old', '/srv/old/sub/one.mp3'],
      ['D:\\old', 'D:\\old\\sub\\one.mp3'],
      ['D:', 'D:\\sub\\one.mp3'],
      ['', 'sub/one.mp3'],
    ] as const) {
      const { update } = await write(archive, { format: 'json', prefix }, `${path.length}-`);
      expect(JSON.parse(await readFile(update, 'utf8')).rows).toContainEqual({ path, key });
    }
    expect(JSON.parse(await readFile(json.rollback, 'utf8'))).toMatchObject({ rows });
    await expect(write(archive, { format: 'csv' })).rejects.toMatchObject({
      code: 'download-exists',
    });
  });

  test('are not written while nothing is verified, and then take the same names', async () => {
    await using archive = await openArchive({ 'a.mp3': 'a' });
    await archive.run();
    const { context, plan, signal, dir } = archive;
    await expect(write(archive, {})).rejects.toThrow(/No file of the plan is verified/);
    expect((await readdir(dir)).filter((name) => /^(update|rollback)/.test(name))).toEqual([]);
    await verifyPlan(context, plan, { level: 'head', share: 1 }, () => {}, signal);
    const { update } = await write(archive, {}, '', { written: 1, left: 0 });
    expect(await readFile(update, 'utf8')).toContain(archive.keyOf('a.mp3'));
  });

  test('need a column for the path and another one for the key', async () => {
    await using archive = await openArchive({ 'a.mp3': 'a' });
    const same = { keyColumn: columns.pathColumn };
    await expect(write(archive, same)).rejects.toThrow(/need two columns/);
  });
});
