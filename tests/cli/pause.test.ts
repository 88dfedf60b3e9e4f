import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { weekDays } from '../../shared/upload-week.ts';
import { openCli, openCliWithStorage, type Cli } from '../support/cli.ts';
import { runHere } from '../support/cli-here.ts';
import { openServer } from '../support/s3-servers.ts';

/** All hours of this day and the next one off. */
function offNow(): string {
  const today = (new Date().getDay() + 6) % 7;
  return [today, (today + 1) % 7].map((day) => `${weekDays[day]} 00-24 off`).join(', ');
}
const patience = { timeout: 30_000 };
const follow = (cli: Cli) =>
  cli.run('folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7');
const stateOf = (cli: Cli) => async () => (await cli.run('jobs', '--json')).json().jobs[0]?.state;

test('a watch waits while a person has paused, which status tells, and goes on when it is resumed', async () => {
  await using cli = await openCliWithStorage();
  await follow(cli);
  const watch = cli.start('watch');
  const said = () => watch.stdout() + watch.stderr();
  await expect.poll(said, patience).toContain('Watching.');
  const paused = await cli.run('pause', 'hour', '--json');
  expect(paused.json()).toMatchObject({ isPaused: true, until: expect.any(String) });
  await expect.poll(said, patience).toMatch(/Uploads are paused until .*\. To go on: pansea-sync/);
  await writeFile(join(cli.folder, 'lecture.mp3'), 'sound');
  await expect.poll(stateOf(cli), patience).toBe('queued');
  expect((await cli.run('status')).stdout).toMatch(/\nUploads are paused until/);
  expect((await cli.run('status', '--json')).json()).toMatchObject({ stands: { by: 'person' } });
  expect(await stateOf(cli)()).toBe('queued');
  expect((await cli.run('resume')).stdout.trim()).toBe('The pause has ended.');
  await expect.poll(said, patience).toContain('Uploads go on.');
  await expect.poll(said, patience).toMatch(/verified +.*lecture\.mp3/);
  expect((await cli.run('pause', 'forever')).code).toBe(2);
});

test.each([
  ['a person has paused', ['pause'], /^Uploads are paused\. What you ask for now is sent anyway/m],
  [
    'the timetable has them off',
    ['upload-limit', 'week', offNow()],
    /^Uploads are off .*by your timetable\. What you ask for now is sent anyway/m,
  ],
])('what is asked for by hand is sent although %s, and that is said', async (_, verb, note) => {
  await using cli = await openCliWithStorage();
  await follow(cli);
  expect((await cli.run(...verb)).code).toBe(0);
  await writeFile(join(cli.folder, 'lecture.mp3'), 'sound');
  const synced = await cli.run('sync');
  expect(synced.stderr).toMatch(note);
  expect(synced.stdout).toContain('1 verified');
  await writeFile(join(cli.folder, 'more.mp3'), 'more sound');
  const sent = await cli.run('upload', 'more.mp3', '--class', 'bio-101', '--user', 'teacher-7');
  expect(sent.stderr).toMatch(note);
  expect(sent.code).toBe(0);
});

test('on battery a watch waits where a person wants that, which is said, and goes on when there is power', async () => {
  await using cli = await openCliWithStorage();
  await follow(cli);
  let onBattery = true;
  const isOnBattery = () => onBattery;
  const set = await runHere(cli, ['upload-limit', 'battery', 'wait'], { isOnBattery });
  expect(set.stdout).toContain('They wait while this computer runs on battery.');
  expect((await runHere(cli, ['upload-limit'])).stdout).toContain('not from here');
  const stop = new AbortController();
  const watch = runHere(cli, ['watch'], { isOnBattery, signal: stop.signal });
  await writeFile(join(cli.folder, 'lecture.mp3'), 'sound');
  await expect.poll(stateOf(cli), patience).toBe('queued');
  expect((await cli.run('status', '--json')).json()).toMatchObject({ stands: { by: 'battery' } });
  onBattery = false;
  await expect.poll(stateOf(cli), patience).toBe('verified');
  stop.abort(new Error('SIGINT'));
  expect((await watch).stderr).toMatch(
    /Uploads are waiting until this computer is plugged in\.[^]*Uploads go on\./,
  );
  onBattery = true;
  const sync = await runHere(cli, ['sync'], { isOnBattery });
  expect(sync.stderr).toMatch(/waiting until .* plugged in\. What you ask for now is sent anyway/);
});

test('what a watch that crashed in a pause has left is not told of a sync that sends', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, { PANSEA_SETTLE_SECONDS: '3600' });
  await follow(cli);
  await cli.run('pause');
  const stands = async () => (await cli.run('status', '--json')).json().stands?.by;
  await writeFile(join(cli.folder, 'lecture.mp3'), 'sound');
  const watch = cli.start('watch');
  await expect.poll(stands, patience).toBe('person');
  const closed = once(watch.child, 'close');
  watch.child.kill('SIGKILL');
  await closed;
  const sync = cli.start('sync');
  await expect.poll(sync.stderr, patience).toContain('is sent anyway');
  const status = (await cli.run('status', '--json')).json();
  expect(status).toMatchObject({ atWork: true, unseen: 1 });
  expect(status.stands).toBeUndefined();
});

test('status tells how things are although the limit of the environment is wrong, and names it', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, { PANSEA_UPLOAD_LIMIT: 'fast' });
  const status = await cli.run('status');
  expect([status.code, status.stderr]).toEqual([0, '']);
  expect(status.stdout).toMatch(/\nNothing can be sent from here: PANSEA_UPLOAD_LIMIT must be a/);
  expect((await cli.run('status', '--json')).json()).toMatchObject({ counts: {} });
});
