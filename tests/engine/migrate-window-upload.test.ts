/** @file The upload of an archive as windows have it: seen as it goes, stopped, and gone on with by itself. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { planStore } from '../../electron/engine/store/plans.ts';
import { createClient } from '../../shared/api.ts';
import { MIB } from '../../shared/parts.ts';
import { openDifficultStorage } from '../renderer/support/difficult-storage.ts';
import { openTestAppHost } from '../support/app-host.ts';
import { writeOld } from '../support/archive.ts';
import { storageEnv } from '../support/cli.ts';
import { openWindowArchive, stepStates, verified } from '../support/migration.ts';
import { openServer } from '../support/s3-servers.ts';

test('a recording of hours is seen to go up before it is there', async () => {
  await using s3 = await openServer('embedded');
  await using storage = await openDifficultStorage(s3.endpoint);
  const env = storageEnv({ ...s3, endpoint: storage.endpoint });
  await using place = await openWindowArchive({ 'long.mp3': 'x'.repeat(20 * MIB) }, { env });
  const { app, api, archive } = place;
  const plan = await archive.plan();
  await api.noteBackup({ plan, by: 'IT, on tape' });
  const seen: { files: number; bytes: number }[] = [];
  app.host.onEvent((event) => {
    if (event.type === 'migration' && event.working) seen.push(event.working.done);
  });
  // Its parts take a second, and its last, shorter one half of that.
  storage.bytesPerSecond = 8 * MIB;
  await api.runMigration({ plan });
  const { ended } = await archive.settled();
  expect(seen.filter(({ files: none, bytes }) => none === 0 && bytes > 0)).not.toEqual([]);
  expect(Math.max(...seen.map(({ bytes }) => bytes))).toBeLessThanOrEqual(20 * MIB);
  expect(ended).toMatchObject({ trouble: null, done: { files: 1, bytes: 20 * MIB } });
});

test('what was stopped goes on where it was, and what was under way does so by itself at a new start', async () => {
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`${i}.mp3`, `no ${i}`]));
  await using place = await openWindowArchive(many);
  const { app, api, archive } = place;
  const other = await archive.plan();
  const plan = await archive.plan();
  await api.noteBackup({ plan, by: 'IT, on tape' });
  await api.setPaused({ isPaused: true });
  await api.runMigration({ plan });
  await expect.poll(async () => (await api.getStatus({})).counts['queued'] ?? 0).toBeGreaterThan(9);
  await expect(api.runMigration({ plan })).rejects.toMatchObject({ code: 'usage' });
  await api.stopMigration({});
  const stopped = await archive.settled();
  expect(stopped.ended).toMatchObject({ work: 'run', wasStopped: true, trouble: null });
  expect(stopped.plan?.standing.uploaded.files).toBe(0);
  expect(stepStates(stopped)).toEqual(['done', 'done', 'open', 'locked', 'locked']);

  await api.runMigration({ plan });
  await app.host.stop();
  // Meanwhile the command line looks at another plan.
  const home = openHome({ path: app.homePath });
  expect(planStore(home.database, Date.now).openAgain(other)).toBe(true);
  home.close();
  await using again = await openTestAppHost({ homePath: app.homePath, env: storageEnv(app.s3) });
  const anew = createClient((name, input) => again.host.serve(name, input));
  const begun = await anew.getMigration({});
  expect(begun.plan).toMatchObject({ id: plan, files: 150, backup: { by: 'IT, on tape' } });
  await anew.setPaused({ isPaused: false });
  await expect
    .poll(async () => (await anew.getMigration({})).ended, { timeout: 30_000 })
    .toMatchObject({ work: 'run', done: { files: 150 }, trouble: null });
  // Once more there is nothing under way.
  await again.host.stop();
  await using last = await openTestAppHost({ homePath: app.homePath, env: storageEnv(app.s3) });
  const reply = await createClient((name, input) => last.host.serve(name, input)).getMigration({});
  expect(reply).toMatchObject({ working: null, ended: null });
  expect(stepStates(reply)).toEqual(['done', 'done', 'done', 'open', 'locked']);
});

test('the upload is open again for what has changed here behind its size and time, and then all is verified', async () => {
  await using place = await openWindowArchive({ 'a.mp3': 'tagged', 'b.mp3': 'lecture b' });
  const { api, archive } = place;
  const plan = await verified(api, archive);
  await writeOld(join(archive.root, 'a.mp3'), 'TAGGED');
  await api.verifyMigration({ plan, level: 'full', share: 100 });
  expect(stepStates(await archive.settled())).toEqual(['done', 'done', 'open', 'open', 'locked']);
  await api.runMigration({ plan });
  expect((await archive.settled()).ended).toMatchObject({ work: 'run', trouble: null, left: [] });
  await api.verifyMigration({ plan, level: 'full', share: 100 });
  expect(stepStates(await archive.settled())).toEqual(['done', 'done', 'done', 'done', 'open']);
});
