import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { planMigration } from '../../electron/engine/migrate/plan.ts';
import { planLines } from '../support/archive.ts';
import { tempDir } from '../support/temp-dir.ts';

const BERLIN = 'Europe/Berlin';
const HEAD = 'class_id,weekday,starts,ends,from,to,path';

/** @param files Each with the instant at which its recording ended. */
async function planned(
  files: Record<string, string>,
  timetable: readonly string[],
  { zone = BERLIN, map, head = HEAD }: { zone?: string; map?: string; head?: string } = {},
) {
  await using dir = await tempDir();
  const root = join(dir.path, 'archive');
  await mkdir(root);
  for (const [path, at] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), `recorded ${path}`);
    await utimes(join(root, path), new Date(at), new Date(at));
  }
  const table = join(dir.path, 'timetable.csv');
  await writeFile(table, [head, ...timetable].join('\n'));
  const mapping = map === undefined ? undefined : join(dir.path, 'map.csv');
  if (mapping !== undefined) await writeFile(mapping, map!);
  const out = join(dir.path, 'plan.jsonl');
  const options = { root, mapping, out, userId: 'teacher-7', quietMs: 0, nowMs: Date.now };
  await planMigration(
    { ...options, timetable: { file: table, zone } },
    () => {},
    async () => {},
    AbortSignal.timeout(50_000),
  );
  expect(await readFile(out, 'utf8')).toContain('panseaPlan');
  const found: Record<string, string> = {};
  for (const line of await planLines(out)) {
    const to = line['to'] as { classId: string } | undefined;
    if (to !== undefined) found[String(line['path'])] = to.classId;
    else if ('problem' in line)
      found[String(line['path'])] = `${String(line['problem'])}: ${String(line['detail'])}`;
  }
  return found;
}

test('a recording gets the class whose lesson it ended in, and none where none or two are so', async () => {
  const files = {
    'first.mp3': '2024-05-06T07:00:00Z', // A Monday, 9 o’clock in Berlin.
    'last.mp3': '2024-05-06T08:29:59Z',
    'after.mp3': '2024-05-06T08:30:00Z',
    'tuesday.mp3': '2024-05-07T07:30:00Z',
    'two.mp3': '2024-05-08T08:15:00Z',
    'same.mp3': '2024-05-09T08:15:00Z',
  };
  expect(
    await planned(files, [
      'bio-101,mon,09:00,10:30,,,',
      'art-1,Wednesday,09:00,11:00,,,',
      'art-2,3,10:00,11:00,,,',
      'chem-1,4,10:00,11:00,,,',
      'chem-1,thu,10:15,11:00,,,',
    ]),
  ).toEqual({
    'first.mp3': 'bio-101',
    'last.mp3': 'bio-101',
    'after.mp3': `unmapped: Mon 2024-05-06 10:30, ${BERLIN}`,
    'tuesday.mp3': `unmapped: Tue 2024-05-07 09:30, ${BERLIN}`,
    'two.mp3': `mapped-twice: lines 3 and 4 of the timetable, Wed 2024-05-08 10:15, ${BERLIN}`,
    'same.mp3': 'chem-1',
  });
});

test('a recording that ran on into the next lesson goes to neither class, until somebody says which', async () => {
  const files = {
    'in time.mp3': '2024-05-06T08:29:59Z', // A Monday, half past ten in Berlin.
    'at the bell.mp3': '2024-05-06T08:30:00Z',
    'late.mp3': '2024-05-06T08:39:59Z',
    'next.mp3': '2024-05-06T08:40:00Z',
    'double lesson.mp3': '2024-05-06T10:05:00Z',
  };
  expect(
    await planned(files, [
      'bio-101,mon,09:00,10:30,,,',
      'art-1,mon,10:30,12:00,,,',
      'art-1,mon,12:00,13:00,,,',
    ]),
  ).toEqual({
    'in time.mp3': 'bio-101',
    'at the bell.mp3': `mapped-twice: lines 3 and 2 of the timetable, Mon 2024-05-06 10:30, ${BERLIN}`,
    'late.mp3': `mapped-twice: lines 3 and 2 of the timetable, Mon 2024-05-06 10:39, ${BERLIN}`,
    'next.mp3': 'art-1',
    'double lesson.mp3': 'art-1',
  });
});

test('lessons may be of some days and of some rooms only, and the mapping comes first', async () => {
  const at = '2024-05-06T07:30:00Z';
  const files = { 'room 1/a.mp3': at, 'room 2/a.mp3': at, 'aula/a.mp3': at, 'by hand.mp3': at };
  expect(
    await planned(
      files,
      [
        'old,mon,09:00,10:00,2023-09-01,2024-05-05,',
        'bio-1,mon,09:00,10:00,2024-05-06,2024-05-06,room 1',
        'bio-2,mon,09:00,10:00,,,*2/*',
        'next,mon,09:00,10:00,2024-05-07,,',
      ],
      { map: 'path,class_id\nby hand.mp3,said\n' },
    ),
  ).toEqual({
    'room 1/a.mp3': 'bio-1',
    'room 2/a.mp3': 'bio-2',
    'aula/a.mp3': `unmapped: Mon 2024-05-06 09:30, ${BERLIN}`,
    'by hand.mp3': 'said',
  });
});

test('times are those of the wall clock in the zone, on the days that turn it, too', async () => {
  const lessons = ['early,7,01:30,02:00,,,', 'double,7,02:00,02:50,,,', 'late,7,03:00,03:30,,,'];
  // Spring: after 01:59 comes 03:00. Autumn: 02:00 to 02:59 comes twice.
  const spring = { 'a.mp3': '2024-03-31T00:59:00Z', 'b.mp3': '2024-03-31T01:00:00Z' };
  expect(await planned(spring, lessons)).toEqual({ 'a.mp3': 'early', 'b.mp3': 'late' });
  const autumn = {
    'a.mp3': '2024-10-26T23:59:00Z',
    'b.mp3': '2024-10-27T00:30:00Z',
    'c.mp3': '2024-10-27T01:30:00Z',
    'd.mp3': '2024-10-27T02:00:00Z',
  };
  expect(await planned(autumn, lessons)).toEqual({
    'a.mp3': 'early',
    'b.mp3': 'double',
    'c.mp3': 'double',
    'd.mp3': 'late',
  });
  // The same lesson all year is an hour apart in UTC; another zone has another day.
  const files = { 'winter.mp3': '2024-01-08T08:30:00Z', 'summer.mp3': '2024-07-08T07:30:00Z' };
  const nine = ['nine,mon,09:00,10:00,,,'];
  expect(await planned(files, nine)).toEqual({ 'winter.mp3': 'nine', 'summer.mp3': 'nine' });
  const auckland = { 'a.mp3': '2024-05-05T21:30:00Z' };
  expect(await planned(auckland, nine, { zone: 'Pacific/Auckland' })).toEqual({ 'a.mp3': 'nine' });
});

test.each([
  [
    'a class that is none',
    '../x,mon,09:00,10:00,,,',
    /line 2: "\.\.\/x" is not allowed as a class/,
  ],
  ['no weekday', 'bio,moonday,09:00,10:00,,,', /line 2: "moonday" is no weekday/],
  ['an end before the start', 'bio,mon,10:00,09:00,,,', /line 2: starts and ends/],
  ['no time', 'bio,mon,9 am,10:00,,,', /line 2: starts and ends/],
  ['no day', 'bio,mon,09:00,10:00,2024-02-30,,', /line 2: from and to/],
  ['days the wrong way round', 'bio,mon,09:00,10:00,2024-02-02,2024-02-01,', /line 2: from and to/],
])('a timetable with %s is refused, and the line named', async (_what, line, why) => {
  await expect(planned({ 'a.mp3': '2024-05-06T07:00:00Z' }, [line])).rejects.toThrow(why);
});

test('a zone that is not known is refused, and so is a timetable without its columns', async () => {
  await expect(planned({}, [], { zone: 'Mars/Base' })).rejects.toThrow(/no time zone Mars\/Base/);
  const head = 'class_id,weekday,starts';
  await expect(planned({}, [], { head })).rejects.toThrow(/first line does not name ends/);
});
