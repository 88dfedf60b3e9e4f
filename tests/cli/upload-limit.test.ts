import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { weekDays } from '../../shared/upload-week.ts';
import { openCliWithStorage } from '../support/cli.ts';

test('uploads keep the limit that was set, until it is off; the environment wins', async () => {
  await using cli = await openCliWithStorage();
  const limit = async (...args: string[]) => (await cli.run('upload-limit', ...args)).stdout.trim();
  expect(await limit()).toBe('Uploads are as fast as the network allows.');
  expect(await limit('set', '2')).toBe('Uploads are held to 2 megabits a second.');
  await writeFile(join(cli.folder, 'lecture.mp3'), randomBytes(400_000));
  const startMs = performance.now();
  const sent = await cli.run('upload', 'lecture.mp3', '--class', 'bio-101', '--json');
  expect(sent.json().results[0]).toMatchObject({ state: 'verified' });
  expect(performance.now() - startMs).toBeGreaterThan(1_300); // 1.6 s, less what may go out at once.

  for (const wrong of ['Mon 8', 'Mon-Sun 0-24 off'])
    expect((await cli.run('upload-limit', 'week', wrong)).code).toBe(2);
  expect(await limit('week', 'mon-fri 8-16 off, sat 8-9 limited')).toBe(
    'By the hour: Mon-Fri 08-16 off, Sat 08-09 limited. All other hours are full. Limited hours: 2 megabits a second.',
  );
  expect(await limit('week', 'mon 8-10 full')).toBe('By the hour: full at all times.');
  expect(await limit('set', '2')).toBe('Uploads are held to 2 megabits a second.');
  for (const wrong of ['0', 'fast', '1e9'])
    expect((await cli.run('upload-limit', 'set', wrong)).code).toBe(2);
  cli.env['PANSEA_UPLOAD_LIMIT'] = '0.5';
  expect((await cli.run('upload-limit', '--json')).json()).toEqual({
    megabits: 4,
    week: null,
    isFixed: true,
    onBattery: 'send',
  });
  expect((await cli.run('upload-limit', 'off', '--json')).json().error.code).toBe('usage');
  delete cli.env['PANSEA_UPLOAD_LIMIT'];
  expect((await cli.run('upload-limit', 'off', '--json')).json()).toEqual({
    megabits: null,
    week: null,
    isFixed: false,
    onBattery: 'send',
  });
});

test('a watch keeps to the hours, says so, and follows another timetable by itself', async () => {
  await using cli = await openCliWithStorage();
  await cli.run('folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7');
  const today = (new Date().getDay() + 6) % 7;
  const days = [today, (today + 1) % 7].map((day) => weekDays[day]).join('-');
  expect((await cli.run('upload-limit', 'week', `${days} 00-24 off`)).code).toBe(0);
  await writeFile(join(cli.folder, 'lecture.mp3'), 'sound');
  const watch = cli.start('watch');
  const said = () => watch.stdout() + watch.stderr();
  const patience = { timeout: 30_000 };
  await expect
    .poll(said, patience)
    .toMatch(/Uploads are off until \w+day, 00:00, by your timetable/);
  const waiting = async () => (await cli.run('jobs', '--json')).json().jobs;
  await expect.poll(waiting, patience).toMatchObject([{ state: 'queued' }]);
  const off = /\nUploads are off until \w+day, 00:00, by your timetable\./;
  expect((await cli.run('status')).stdout).toMatch(off);
  expect((await cli.run('status', '--json')).json()).toMatchObject({ stands: { by: 'week' } });
  await cli.run('upload-limit', 'off');
  await expect.poll(said, patience).toContain('Uploads go on.');
  await expect.poll(said, patience).toMatch(/verified +.*lecture\.mp3/);
});
