/**
 * @file When uploads go out at full speed, limited or not at all: for each hour of a week one letter, from
 * Monday 00:00 on, by the clock and the zone of this computer. An hour that the clocks skip is left out, and one
 * that they repeat counts twice.
 */
import { z } from 'zod';
import { HOUR_MS } from './time.ts';
import type { Pace } from './pace.ts';

export const hourLevels = ['full', 'limited', 'off'] as const;
export type HourLevel = (typeof hourLevels)[number];
const levelOf: Readonly<Record<string, HourLevel>> = { f: 'full', l: 'limited', o: 'off' };

export const weekDays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const DAY_HOURS = 24;
const WEEK_HOURS = weekDays.length * DAY_HOURS;

export const FULL_WEEK = 'f'.repeat(WEEK_HOURS);

/** A week in which nothing is ever sent is none: a recording would never be safe. */
export const uploadWeek = z
  .string()
  .regex(new RegExp(`^[flo]{${WEEK_HOURS}}$`))
  .refine((week) => /[fl]/.test(week), 'lets nothing through');

/** @param day 0 is Monday. */
export const levelOfHour = (week: string, day: number, hour: number): HourLevel =>
  levelOf[week[day * DAY_HOURS + hour] ?? ''] ?? 'full';

/** The same week with another level from one corner of a block of hours to the other. */
export function withLevel(
  week: string,
  level: HourLevel,
  from: Readonly<{ day: number; hour: number }>,
  to: Readonly<{ day: number; hour: number }>,
): string {
  return Array.from(week, (letter, at) =>
    within(Math.floor(at / DAY_HOURS), from.day, to.day) &&
    within(at % DAY_HOURS, from.hour, to.hour)
      ? level[0]
      : letter,
  ).join('');
}

const within = (value: number, a: number, b: number): boolean =>
  value >= Math.min(a, b) && value <= Math.max(a, b);

export function levelAt(week: string, atMs: number): HourLevel {
  const at = new Date(atMs);
  return levelOfHour(week, (at.getDay() + 6) % 7, at.getHours());
}

/** When the clock shows the next full hour, in ms since 1970: where the clocks are changed, later or sooner than in an hour. */
function nextHourMs(atMs: number): number {
  const next = new Date(atMs);
  return next.setHours(next.getHours() + 1, 0, 0, 0);
}

/** When another level begins than the one of now; null where all hours are alike. */
export function levelEndMs(week: string, nowMs: number): number | null {
  const now = levelAt(week, nowMs);
  let atMs = nowMs;
  for (let hour = 0; hour <= WEEK_HOURS; hour += 1) {
    atMs = nextHourMs(atMs);
    if (levelAt(week, atMs) !== now) return atMs;
  }
  return null;
}

/**
 * A pace with the time left as the clock will show it: hours that are off do not count, limited ones count for
 * as much as goes out in them. For full hours that come after limited ones no other speed than today's is known.
 *
 * @param limit Of limited hours, bytes a second.
 */
export function paceThrough(week: string, limit: number, pace: Pace, nowMs: number): Pace {
  const { least, most } = pace.bytesPerSecond;
  const spanMs = (leftMs: number, speed: number) =>
    workedOffMs(week, { full: 1, limited: Math.min(1, limit / speed), off: 0 }, leftMs, nowMs);
  const { leftMs } = pace;
  return {
    ...pace,
    leftMs: { least: spanMs(leftMs.least, most), most: spanMs(leftMs.most, least) },
  };
}

/** How long it takes until so many ms have been worked, where an hour counts for its share. */
function workedOffMs(
  week: string,
  share: Readonly<Record<HourLevel, number>>,
  workMs: number,
  nowMs: number,
): number {
  // By the letters: an hour that the clocks skip this week comes in the next one.
  const weekMs = Array.from(week, (letter) => share[levelOf[letter]!] * HOUR_MS).reduce(
    (sum, ms) => sum + ms,
  );
  // Whole weeks at once: years are left where much is to go and little goes out.
  const weeks = Math.floor(workMs / weekMs);
  let left = workMs - weeks * weekMs;
  let atMs = nowMs;
  for (;;) {
    const endMs = nextHourMs(atMs);
    const shareNow = share[levelAt(week, atMs)];
    if (shareNow * (endMs - atMs) >= left) break;
    left -= shareNow * (endMs - atMs);
    atMs = endMs;
  }
  const restMs = left > 0 ? left / share[levelAt(week, atMs)] : 0;
  return weeks * WEEK_HOURS * HOUR_MS + (atMs - nowMs) + restMs;
}

/** `Mon-Fri 08-16 off, Sat 10-12 limited`: the hours that are not full; empty where all are. */
export function weekText(week: string): string {
  const rows = weekDays.map((_, day) => week.slice(day * DAY_HOURS, (day + 1) * DAY_HOURS));
  const parts: string[] = [];
  for (let day = 0; day < rows.length;) {
    let end = day;
    while (rows[end + 1] === rows[day]) end += 1;
    const days = end === day ? weekDays[day] : `${weekDays[day]}-${weekDays[end]}`;
    for (const { 0: run, index } of rows[day]!.matchAll(/l+|o+/g))
      parts.push(`${days} ${two(index)}-${two(index + run.length)} ${levelOf[run[0]!]}`);
    day = end + 1;
  }
  return parts.join(', ');
}

const two = (hour: number): string => String(hour).padStart(2, '0');

const part = /^([a-z]{3})(?:-([a-z]{3}))? (\d{1,2})(?::00)?-(\d{1,2})(?::00)? (full|limited|off)$/;

/** Reads what `weekText` writes, later parts over earlier ones. @returns `undefined` for what it cannot read, and for a week that is off altogether. */
export function readWeek(text: string): string | undefined {
  let week = FULL_WEEK;
  for (const given of text.toLowerCase().split(/[,;\n]/)) {
    const found = part.exec(given.trim().replaceAll(/\s+/g, ' '));
    if (!found) return undefined;
    const [, first = '', last = first, from, to, level] = found;
    const [start, end] = [dayOf(first), dayOf(last)];
    const hours = { from: Number(from), to: Number(to) - 1 };
    if (start < 0 || end < 0 || hours.from > hours.to || hours.to >= DAY_HOURS) return undefined;
    // From Saturday to Monday is over the end of the week.
    for (let day = start; ; day = (day + 1) % 7) {
      const at = (hour: number) => ({ day, hour });
      week = withLevel(week, level as HourLevel, at(hours.from), at(hours.to));
      if (day === end) break;
    }
  }
  return uploadWeek.safeParse(week).data;
}

const dayOf = (name: string): number => weekDays.findIndex((known) => known.toLowerCase() === name);
