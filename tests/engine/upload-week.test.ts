import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FULL_WEEK, withLevel } from '../../shared/upload-week.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';

const rule = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;

/** All hours of this day and the next ones off, but for days that are far away. */
function offNow(): string {
  const today = (new Date().getDay() + 6) % 7;
  return [0, 1, 2].reduce((week, days) => {
    const day = (today + days) % 7;
    return withLevel(week, 'off', { day, hour: 0 }, { day, hour: 23 });
  }, FULL_WEEK);
}

test('in an hour that is off nothing is sent, which is said with its end, until somebody sends anyway', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  await api.setUploadLimit({ megabits: null, week: offNow() });
  await writeFile(join(app.folder, 'a.mp3'), 'sound');
  const count = (filter: 'waiting' | 'done') => async () =>
    (await api.listJobs({ filter, offset: 0, limit: 1 })).total;
  await expect.poll(count('waiting')).toBe(1);
  const status = await api.getStatus({});
  expect(status).toMatchObject({ isPaused: true, pausedBy: 'week', uploadLimit: null });
  expect(status.pausedUntilMs).toBeGreaterThan(Date.now() + 47 * 3_600_000);
  expect(status.reason).toMatch(
    /^Uploads are off until \w+day, 00:00, by your timetable\. 1 file is waiting/,
  );
  // Off for a while, in the middle of which somebody pauses and resumes: that is no word on the timetable.
  await api.setPaused({ isPaused: true });
  expect(await api.getStatus({})).toMatchObject({ pausedBy: 'person', pausedUntilMs: null });
  await api.setPaused({ isPaused: false });
  expect(await api.getStatus({})).toMatchObject({ pausedBy: 'week' });
  expect(await count('waiting')()).toBe(1);
  await api.setPaused({ isPaused: false });
  await expect.poll(count('done')).toBe(1);
  expect(await api.getStatus({})).toMatchObject({ isPaused: false, pausedBy: null });
  // That holds until the app ends, as who ends it is told.
  expect(app.host.undone()).toMatchObject({ stands: { by: 'week' }, isOverruled: true });
});

test('what is being sent when an hour that is off begins may end, and nothing else begins', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  await api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
  await api.setUploadLimit({ megabits: 0.8, week: null }); // 100 kB a second.
  await writeFile(join(app.folder, 'a.mp3'), Buffer.alloc(200_000, 'sound'));
  const count = (filter: 'waiting' | 'active' | 'done') => async () =>
    (await api.listJobs({ filter, offset: 0, limit: 1 })).total;
  await expect.poll(count('active'), { interval: 20 }).toBe(1);
  await api.setUploadLimit({ megabits: 0.8, week: offNow() });
  expect(await api.getStatus({})).toMatchObject({ isPaused: true, pausedBy: 'week' });
  expect(await count('active')()).toBe(1);
  await writeFile(join(app.folder, 'b.mp3'), 'other sound');
  await expect.poll(count('done')).toBe(1);
  await expect.poll(count('waiting')).toBe(1);
  await api.setUploadLimit({ megabits: 0.8, week: null });
  await expect.poll(count('done')).toBe(2);
});
