/** @file The hours of a week by the clock of this computer, also on the days on which clocks are changed. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HOUR_MS } from '#shared/time.ts';
import { pauseText } from '../../shared/pause.ts';
import { uploadSpeed } from '../../shared/upload-limit.ts';
import {
  FULL_WEEK,
  levelAt,
  levelEndMs,
  paceThrough,
  readWeek,
  uploadWeek,
  weekText,
  withLevel,
} from '../../shared/upload-week.ts';

const zone = (name: string) => vi.stubEnv('TZ', name);
beforeEach(() => zone('Europe/Berlin'));
afterEach(() => vi.unstubAllEnvs());
const at = (text: string): number => Date.parse(text);

test('what is written is what is read, over the end of the week and with later parts over earlier ones', () => {
  for (const text of [
    'Mon-Fri 08-16 off, Sat 10-12 limited',
    'Mon 00-24 off',
    'Wed-Thu 23-24 limited',
  ])
    expect(weekText(readWeek(text)!)).toBe(text);
  expect(weekText(readWeek('sat-mon 8:00-9:00  limited; Sun 08-09 full')!)).toBe(
    'Mon 08-09 limited, Sat 08-09 limited',
  );
  const wrong = [
    '',
    'Mon',
    'Mon 8-8 off',
    'Mon 9-8 off',
    'Mon 8-25 off',
    'Foo 8-9 off',
    'Mon 8-9 fast',
  ];
  for (const text of wrong) expect(readWeek(text)).toBeUndefined();
});

test('a week that lets nothing through is none, and limited hours need a limit', () => {
  expect(readWeek('Mon-Sun 00-24 off')).toBeUndefined();
  expect(uploadWeek.safeParse('o'.repeat(168)).success).toBe(false);
  const week = readWeek('Mon 8-9 limited')!;
  expect(uploadSpeed.safeParse({ megabits: null, week }).success).toBe(false);
  expect(uploadSpeed.safeParse({ megabits: 1, week }).success).toBe(true);
});

test('a block of hours is marked from whichever corner', () => {
  const [a, b] = [
    { day: 1, hour: 20 },
    { day: 0, hour: 18 },
  ];
  expect(weekText(withLevel(FULL_WEEK, 'off', a, b))).toBe('Mon-Tue 18-21 off');
  expect(withLevel(FULL_WEEK, 'off', b, a)).toBe(withLevel(FULL_WEEK, 'off', a, b));
});

test('an hour is off by the local clock, and ends by it', () => {
  const week = readWeek('Mon-Fri 08-16 off')!;
  const monday = at('2026-11-30T08:00+01:00');
  expect([monday - 1, monday, monday + 8 * HOUR_MS].map((ms) => levelAt(week, ms))).toEqual([
    'full',
    'off',
    'full',
  ]);
  expect(levelEndMs(week, monday + 1)).toBe(at('2026-11-30T16:00+01:00'));
  expect(levelEndMs(week, at('2026-12-04T17:30+01:00'))).toBe(at('2026-12-07T08:00+01:00'));
  expect(levelEndMs(FULL_WEEK, monday)).toBeNull();
});

test.each([
  ['skipped', 'Europe/Berlin', 'Sun 01-04 off', '2027-03-28T01:30+01:00', '2027-03-28T04:00+02:00'],
  [
    'repeated',
    'Europe/Berlin',
    'Sun 02-03 off',
    '2027-10-31T02:10+02:00',
    '2027-10-31T03:00+01:00',
  ],
  [
    'skipped at midnight',
    'Africa/Cairo',
    'Thu-Fri 00-24 off',
    '2027-04-29T23:30+02:00',
    '2027-05-01T00:00+03:00',
  ],
  [
    'repeated at midnight',
    'Africa/Cairo',
    'Thu 20-24 off',
    '2027-10-28T23:30+03:00',
    '2027-10-29T00:00+02:00',
  ],
  [
    'half an hour',
    'Australia/Lord_Howe',
    'Sun 01-03 off',
    '2027-04-04T01:45+11:00',
    '2027-04-04T03:00+10:30',
  ],
])('an hour that is %s ends when the clock says so', (_, name, text, from, to) => {
  zone(name);
  const week = readWeek(text)!;
  expect(levelAt(week, at(from))).toBe('off');
  const endMs = levelEndMs(week, at(from));
  expect(new Date(endMs!).toISOString()).toBe(new Date(at(to)).toISOString());
  expect([levelAt(week, endMs! - 1), levelAt(week, endMs!)]).toEqual(['off', 'full']);
});

test('the time left counts no hour that is off, and of a limited one what goes out in it', () => {
  const nowMs = at('2026-11-30T06:00+01:00');
  const through = (text: string, hours: number, limit = Infinity) => {
    const leftMs = { least: hours * HOUR_MS, most: hours * HOUR_MS };
    const pace = { bytesPerSecond: { least: 100, most: 100 }, leftMs };
    return paceThrough(readWeek(text)!, limit, pace, nowMs).leftMs.most / HOUR_MS;
  };
  expect(through('Mon-Fri 08-16 off', 1)).toBe(1);
  expect(through('Mon-Fri 08-16 off', 3)).toBe(11);
  expect(through('Mon-Fri 08-16 limited', 3, 25)).toBe(6);
  // Four weeks of work, where each week has 24 hours that count.
  expect(through('Tue-Sun 00-24 off', 96)).toBeCloseTo(4 * 168);
});

test('the time left ends, also where the only hour that counts is skipped this week', () => {
  const nowMs = at('2027-03-26T06:00+01:00');
  const onlyHour = withLevel('o'.repeat(168), 'full', { day: 6, hour: 2 }, { day: 6, hour: 2 });
  const half = { least: HOUR_MS / 2, most: HOUR_MS / 2 };
  const pace = { bytesPerSecond: { least: 100, most: 100 }, leftMs: half };
  const { most } = paceThrough(onlyHour, Infinity, pace, nowMs).leftMs;
  expect(nowMs + most).toBe(at('2027-04-04T02:30+02:00'));
});

test('that nothing is sent now is said with its end', () => {
  const nowMs = at('2026-11-30T09:00+01:00');
  const until = (text: string) => pauseText({ by: 'week', untilMs: at(text) }, nowMs);
  expect(until('2026-11-30T16:00+01:00')).toBe('off until 16:00, by your timetable');
  expect(until('2026-12-05T07:00+01:00')).toBe('off until Saturday, 07:00, by your timetable');
  expect(pauseText({ by: 'person', untilMs: null }, nowMs)).toBe('paused');
});
