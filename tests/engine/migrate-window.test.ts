/** @file The migration as windows have it: what may be done is decided by the ledger and the disk, whatever a page asks. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import type { Api, ApiEvent } from '../../shared/api.ts';
import type { AppError } from '../../shared/errors.ts';
import { provenFiles } from '../../shared/migration/migration-steps.ts';
import { QUARANTINE_DAYS } from '../../shared/migration/migration.ts';
import type { TestAppHost } from '../support/app-host.ts';
import { writeOld } from '../support/archive.ts';
import { openWindowArchive, stepStates, type TestArchive, verified } from '../support/migration.ts';

const files = { 'a.mp3': 'lecture a', 'sub/b.mp3': 'lecture b', 'sub/c.mp3': 'lecture c' };

async function onDisk(root: string): Promise<string[]> {
  const all = await readdir(root, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => relative(root, join(parentPath, name)))
    .toSorted();
}

test('each step opens with the proof of the one before, and the way back is open to the end', async () => {
  await using place = await openWindowArchive(files);
  const { app, api, archive } = place;
  const { root, aside, settled } = archive;
  const events: ApiEvent[] = [];
  app.host.onEvent((event) => void (event.type === 'migration' && events.push(event)));
  expect(await api.getMigration({})).toEqual({
    working: null,
    ended: null,
    plan: null,
    userId: '',
  });
  const plan = await archive.plan();
  const planned = await settled();
  expect(planned.plan).toMatchObject({ root, files: 3, bytes: 27, backup: null });
  expect(planned.ended).toMatchObject({ work: 'plan', done: { files: 3, bytes: 27 } });
  expect(await readFile(planned.plan!.file, 'utf8')).toContain('"panseaPlan":1');
  expect(stepStates(planned)).toEqual(['done', 'open', 'locked', 'locked', 'locked']);
  await expect(api.runMigration({ plan })).rejects.toMatchObject({ code: 'usage' });

  // A back-up that is another one proves nothing.
  await cp(root, aside, { recursive: true, preserveTimestamps: true });
  await writeOld(join(aside, 'sub/b.mp3'), 'lecture B');
  await api.compareBackup({ plan, path: aside, sample: 100 });
  const compared = await settled();
  expect(compared.ended?.left).toEqual([{ why: 'not-the-same', files: 1, some: ['sub/b.mp3'] }]);
  expect(compared.plan?.backup).toMatchObject({ compared: 3, same: 2 });
  expect(stepStates(compared)).toEqual(['done', 'open', 'locked', 'locked', 'locked']);
  await writeOld(join(aside, 'sub/b.mp3'), 'lecture b');
  await api.compareBackup({ plan, path: aside, sample: 100 });
  expect(stepStates(await settled())).toEqual(['done', 'done', 'open', 'locked', 'locked']);

  await expect(api.verifyMigration({ plan, level: 'full', share: 100 })).rejects.toMatchObject({
    code: 'usage',
    message: '0 of 3 files are uploaded: all have to be.',
  });
  await writeOld(join(root, 'late.mp3'), 'came late');
  await api.runMigration({ plan });
  const sent = await settled();
  expect(sent.ended).toMatchObject({
    work: 'run',
    trouble: null,
    done: { files: 3, bytes: 27 },
    left: [{ why: 'new', files: 1, some: ['late.mp3'] }],
  });
  expect(sent.plan?.standing).toMatchObject({ uploaded: { files: 3, bytes: 27 }, behind: [] });
  expect(stepStates(sent)).toEqual(['done', 'done', 'done', 'open', 'locked']);

  await api.verifyMigration({ plan, level: 'head', share: 100 });
  // The storage's word alone frees no disk.
  expect(stepStates(await settled())).toEqual(['done', 'done', 'done', 'open', 'locked']);
  await expect(api.quarantineFiles({ plan, confirmed: 3, level: 'full' })).rejects.toMatchObject({
    message: '0 of 3 files are verified by their checksum: all have to be.',
  });
  await api.verifyMigration({ plan, level: 'full', share: 100 });
  const proven = await settled();
  expect(provenFiles(proven.plan!.standing)).toBe(3);
  expect(stepStates(proven)).toEqual(['done', 'done', 'done', 'done', 'open']);

  const asked = { format: 'sql', dialect: 'postgresql', table: 'recordings' } as const;
  const columns = { pathColumn: 'path', keyColumn: 's3_key', prefix: '/srv/' };
  const references = await api.saveReferences({ plan, ...asked, ...columns });
  expect(references.files).toMatchObject({ written: 3, left: 0 });
  expect(await readFile(references.files!.update, 'utf8')).toContain(`'/srv/sub/b.mp3'`);
  expect(await readFile(references.files!.rollback, 'utf8')).toContain('= NULL WHERE');

  expect(await api.surveyCleanup({ plan, level: 'full', days: QUARANTINE_DAYS })).toEqual({
    pending: { files: 0, bytes: 0 },
    nextDueAtMs: null,
    here: { files: 3, bytes: 27 },
    due: { files: 0, bytes: 0 },
    lost: { files: 0, bytes: 0 },
  });
  const unread = await api.surveyCleanup({ plan, level: 'read-back', days: QUARANTINE_DAYS });
  expect(unread).toMatchObject({ pending: { files: 3 }, here: { files: 0 } });
  await api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
  const moved = await settled();
  expect(moved.ended).toMatchObject({
    work: 'cleanup',
    trouble: null,
    done: { files: 3 },
    left: [],
  });
  expect(moved.plan?.standing).toMatchObject({ here: { files: 0 }, quarantined: { files: 3 } });
  expect((moved.plan!.standing.dueAtMs! - Date.now()) / DAY_MS).toBeCloseTo(QUARANTINE_DAYS, 1);
  expect(stepStates(moved)).toEqual(['done', 'done', 'done', 'done', 'done']);
  // It would call them gone.
  await expect(api.verifyMigration({ plan, level: 'full', share: 100 })).rejects.toMatchObject({
    code: 'usage',
  });

  const report = await api.saveMigrationReport({ plan, format: 'csv' });
  expect(await readFile(report.path!, 'utf8')).toContain('quarantined');
  const receipts = await api.saveReceipts({ plan });
  expect(receipts).toMatchObject({ receipts: 9, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const { path: program } = await api.saveVerifier({});
  const { stdout } = await promisify(execFile)(process.execPath, [program!, receipts.path!]);
  expect(stdout).toContain(`9 receipts, unbroken. Last: ${receipts.head}`);

  const { path: list } = await api.saveHashList({ plan, format: 'mhl', hash: 'md5' });
  expect((await settled()).ended).toMatchObject({
    work: 'hashes',
    trouble: null,
    done: { files: 3, bytes: 27 },
    saved: list,
  });
  const md5 = createHash('md5').update('lecture b').digest('hex');
  expect(await readFile(list!, 'utf8')).toContain(`<md5>${md5}</md5>`);

  await api.putFilesBack({ plan, paths: null });
  expect(stepStates(await settled())).toEqual(['done', 'done', 'done', 'done', 'open']);
  expect(await onDisk(root)).toEqual(['a.mp3', 'late.mp3', 'sub/b.mp3', 'sub/c.mp3']);
  expect(events.at(-1)).toEqual({ type: 'migration', working: null });
});

test.each<
  [
    string,
    (place: { app: TestAppHost; api: Api; archive: TestArchive; plan: string }) => Promise<unknown>,
  ]
>([
  [
    'a number that is too small',
    ({ api, plan }) => api.quarantineFiles({ plan, confirmed: 2, level: 'full' }),
  ],
  [
    'a number that is too large',
    ({ api, plan }) => api.quarantineFiles({ plan, confirmed: 4, level: 'full' }),
  ],
  [
    'a plan that is not the one',
    ({ api }) => api.quarantineFiles({ plan: 'another', confirmed: 3, level: 'full' }),
  ],
  [
    'a deletion before its time',
    ({ api, plan }) => api.purgeFiles({ plan, confirmed: 3, days: QUARANTINE_DAYS }),
  ],
  [
    'a proof that is less than was asked for',
    ({ api, plan }) => api.quarantineFiles({ plan, confirmed: 3, level: 'read-back' }),
  ],
  [
    'an upload that goes on',
    async ({ api, plan }) => {
      await api.runMigration({ plan });
      return api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
    },
  ],
  [
    'a back-up that is not the same any more',
    async ({ api, plan, archive }) => {
      await cp(archive.root, archive.aside, { recursive: true });
      await writeOld(join(archive.aside, 'a.mp3'), 'lecture A');
      await api.compareBackup({ plan, path: archive.aside, sample: 100 });
      await archive.settled();
      return api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
    },
  ],
])('no file moves by %s', async (_, attempt) => {
  await using place = await openWindowArchive(files);
  const { api, archive } = place;
  const plan = await verified(api, archive);
  const refusal = attempt({ ...place, plan }).then(
    () => undefined,
    (error: unknown) => error as AppError,
  );
  // What only the disk can tell is told by how the step ended.
  const code = (await refusal)?.code ?? (await archive.settled()).ended?.trouble?.code;
  expect(code).toBe('usage');
  await archive.settled();
  expect(await onDisk(archive.root)).toEqual(['a.mp3', 'sub/b.mp3', 'sub/c.mp3']);
});

test('a file that changed after it was verified stays, and is named', async () => {
  await using place = await openWindowArchive(files);
  const { api, archive } = place;
  const plan = await verified(api, archive);
  await writeOld(join(archive.root, 'sub/b.mp3'), 'lecture B');
  await api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
  const { ended, plan: now } = await archive.settled();
  expect(ended).toMatchObject({
    done: { files: 2 },
    left: [{ why: 'changed', files: 1, some: ['sub/b.mp3'] }],
  });
  expect(now?.standing).toMatchObject({ here: { files: 1 }, quarantined: { files: 2 } });
  expect(await readFile(join(archive.root, 'sub/b.mp3'), 'utf8')).toBe('lecture B');
});

test('it is deleted for good after its days, and only with its number', async () => {
  await using place = await openWindowArchive(files);
  const { app, api, archive } = place;
  const plan = await verified(api, archive);
  await api.quarantineFiles({ plan, confirmed: 3, level: 'full' });
  await archive.settled();
  const { database } = app.host.storage();
  database.exec(
    `UPDATE planned_files SET placed_at_ms = placed_at_ms - ${QUARANTINE_DAYS * DAY_MS}`,
  );
  await api.surveyCleanup({ plan, level: 'full', days: QUARANTINE_DAYS });
  expect((await api.getMigration({})).plan?.standing.due).toEqual({ files: 3, bytes: 27 });
  await api.purgeFiles({ plan, confirmed: 2, days: QUARANTINE_DAYS });
  expect((await archive.settled()).ended?.trouble).toMatchObject({ code: 'usage' });
  await api.purgeFiles({ plan, confirmed: 3, days: QUARANTINE_DAYS });
  expect((await archive.settled()).plan?.standing).toMatchObject({ removed: { files: 3 } });
  expect(await onDisk(archive.root)).toEqual([]);
});
