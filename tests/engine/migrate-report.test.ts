import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noteBackup } from '../../electron/engine/migrate/backup.ts';
import { quarantine } from '../../electron/engine/migrate/cleanup.ts';
import { writeReport } from '../../electron/engine/migrate/report.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { csvRows } from '../../shared/csv.ts';
import type { PlannedFile } from '../../electron/engine/store/plans.ts';
import type {
  MigrationVerdict,
  ProofLevel,
  ReportFormat,
} from '../../shared/migration/migration.ts';
import { openArchive, type Archive } from '../support/archive.ts';

const files = { '=1+1.mp3': 'a formula', '<b>"x"&.mp3': 'markup', 'sub/b.mp3': 'lecture b' };

async function cleaned(): Promise<Archive> {
  const archive = await openArchive(files);
  const { context, plan, signal } = archive;
  await archive.run();
  await verifyPlan(context, plan, { level: 'full', share: 1 }, () => {}, signal);
  await quarantine(context, plan, 'full', 3, () => {}, signal);
  return archive;
}

async function report({ context, plan, dir }: Archive, format: ReportFormat): Promise<string> {
  const path = join(dir, `report.${format}`);
  await writeReport(context, plan, format, path);
  return readFile(path, 'utf8');
}

test('a report has every file once, and its sizes add up to the byte', async () => {
  await using archive = await cleaned();
  const { plan, totals, backup, files: rows } = JSON.parse(await report(archive, 'json'));
  expect(rows.map(({ path }: { path: string }) => path)).toEqual(
    Object.keys(files).toSorted((a, b) => (a < b ? -1 : 1)),
  );
  const bytes = rows.reduce((sum: number, row: { sizeBytes: number }) => sum + row.sizeBytes, 0);
  const all = { files: 3, bytes };
  expect([bytes, plan.bytes]).toEqual([24, 24]);
  const none = { files: 0, bytes: 0 };
  expect(totals).toEqual({
    planned: all,
    verified: { head: none, full: all, 'read-back': none },
    notVerified: none,
    places: { here: none, moving: none, quarantined: all, removing: none, removed: none },
    leftOut: 0,
  });
  expect(backup).toBeNull();
  expect(rows[0]).toMatchObject({
    path: '<b>"x"&.mp3',
    key: archive.keyOf('<b>"x"&.mp3'),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    state: 'verified',
    verdict: 'verified',
    level: 'full',
    place: 'quarantined',
    uploadedAt: expect.stringMatching(/Z$/),
  });
  await expect(report(archive, 'json')).rejects.toMatchObject({ code: 'download-exists' });
});

test('the back-up’s time is written as all other times of a report for programs are', async () => {
  await using archive = await cleaned();
  const { plans, nowMs } = archive.context;
  const { atMs } = noteBackup({ plans, nowMs }, archive.plan, 'Ann');
  const { backup } = JSON.parse(await report(archive, 'json'));
  expect(backup).toEqual({ kind: 'said', by: 'Ann', at: new Date(atMs).toISOString() });
});

test('a report for spreadsheets holds no formula, and one for people no markup of a file’s name', async () => {
  await using archive = await cleaned();
  const text = await report(archive, 'csv');
  const cells: (readonly string[])[] = [];
  for await (const { fields } of csvRows(
    (async function* () {
      yield text;
    })(),
  ))
    cells.push(fields);
  expect(cells[0]!.slice(0, 2)).toEqual(['path', 'sizeBytes']);
  expect(cells.slice(1).map(([path]) => path)).toEqual(['<b>"x"&.mp3', "'=1+1.mp3", 'sub/b.mp3']);
  expect(cells.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  const page = await report(archive, 'html');
  expect(page).toContain('&lt;b&gt;&quot;x&quot;&amp;.mp3');
  expect(page).not.toContain('<b>');
  expect(page).not.toMatch(/<script|src=|href=/);
  expect(page).toContain('No back-up is on record.');
});

test('a report for people says how each file was verified, and its totals add up to the byte on paper', async () => {
  const texts = { 'a.mp3': 'a', 'b.mp3': 'b'.repeat(1_234), 'c.mp3': 'c', 'd.mp3': 'd' };
  await using archive = await openArchive(texts);
  const { plan, plans } = archive;
  await archive.run();
  const [a, b, c, d] = plans.files(plan.id);
  const level = (file: PlannedFile, how: ProofLevel, verdict: MigrationVerdict = 'verified') =>
    plans.setVerdicts(plan, [{ file, verdict, level: how }], 0);
  level(a!, 'head');
  level(b!, 'full');
  level(c!, 'read-back');
  level(d!, 'full', 'missing');
  const places = ['moving', 'quarantined', 'removed'] as const;
  for (const [i, file] of [a!, b!, c!].entries()) plans.setPlace(plan, file, places[i]!, 0);
  const page = (await report(archive, 'html')).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  expect(page).toContain(
    'In the plan 4 files 1.2 kB 1,237 bytes' +
      ' In the bucket Verified, fetched back and compared 1 file 1 byte' +
      ' Verified, by its checksum 1 file 1.2 kB 1,234 bytes' +
      ' Verified, by the storage’s word alone 1 file 1 byte Not verified 1 file 1 byte' +
      ' On the archive’s disk At its place 1 file 1 byte Being moved 1 file 1 byte' +
      ' In quarantine 1 file 1.2 kB 1,234 bytes Deleted after proof 1 file 1 byte',
  );
  expect(page).toMatch(
    /b\.mp3 1\.2 kB 1,234 bytes .* verified, by its checksum, 1 Jan 1970, 00:00 UTC/,
  );
});
