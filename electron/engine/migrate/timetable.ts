/**
 * @file Which class a recording is of, by when it was recorded: its file's time of change, which is when it
 * ended, and is looked up as the clock on the wall showed it. So the days on which clocks are turned need no
 * care: an instant has one wall time, though one wall time may have two instants.
 */
import { createReadStream } from 'node:fs';
import { csvRows } from '#shared/csv.ts';
import { AppError } from '#shared/errors.ts';
import { toNamedError } from '../files/file-errors.ts';
import { fitsPath, mappedTo, pathBelow, type Target } from './mapping.ts';

type Lesson = Readonly<{
  line: number;
  weekday: number;
  /** Minutes since midnight; the end is not in it. */
  starts: number;
  ends: number;
  /** Both days are in it; as text, which sorts as days do. */
  from: string;
  to: string;
  fits: (path: string) => boolean;
  target: string;
}>;
type WallTime = Readonly<{ day: string; weekday: number; minutes: number; text: string }>;

type Timetable = Readonly<{
  /** The lesson's class; with the line of another one that is not for the same, or has just ended. */
  targetOf: (path: string, mtimeNs: string) => Target | undefined;
  /** When it was, as the timetable's clock shows it. */
  timeOf: (mtimeNs: string) => string;
}>;

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** So long recordings may run on past their lesson, minutes: in the next one they are of either. */
const OVERRUN_MINUTES = 10;
const COLUMNS = ['class_id', 'weekday', 'starts', 'ends'] as const;

/**
 * Reads `class_id,weekday,starts,ends[,from,to,path,user_id]`.
 *
 * @param zone Of the timetable's clock, as in the IANA's database: `Europe/Berlin`.
 * @throws AppError `usage` for a zone that is not known, and for any line that is not valid, since a lesson
 *   that is not read is one that a recording would be given to another for; the errors of `toNamedError`.
 */
export async function readTimetable(
  file: string,
  { root, userId, zone }: Readonly<{ root: string; userId: string; zone: string }>,
): Promise<Timetable> {
  const wallTime = clockOf(zone);
  const lessons: Lesson[] = [];
  let names: readonly string[] | undefined;
  try {
    for await (const { line, fields } of csvRows(createReadStream(file, 'utf8'))) {
      if (names === undefined) {
        names = fields.map((name) => name.trim().toLowerCase());
        const missing = COLUMNS.filter((name) => !names!.includes(name));
        if (missing.length > 0)
          throw new AppError('usage', `The timetable’s first line does not name ${missing[0]}`);
        continue;
      }
      const at = (name: string) => fields[names!.indexOf(name)]?.trim() ?? '';
      lessons.push(lessonOf(line, at, root, userId));
    }
  } catch (error) {
    throw toNamedError(error, file);
  }
  return {
    targetOf(path, mtimeNs) {
      const { day, weekday, minutes } = wallTime(mtimeNs);
      const name = path.normalize('NFC');
      const possible = lessons.filter(
        (lesson) =>
          lesson.weekday === weekday &&
          lesson.starts <= minutes &&
          minutes < lesson.ends + OVERRUN_MINUTES &&
          lesson.from <= day &&
          day <= lesson.to &&
          lesson.fits(name),
      );
      const first = possible.find(({ ends }) => minutes < ends);
      if (first === undefined) return undefined;
      const other = possible.find(({ target }) => target !== first.target);
      return { line: first.line, target: first.target, isValid: true, otherLine: other?.line };
    },
    timeOf: (mtimeNs) => `${wallTime(mtimeNs).text}, ${zone}`,
  };
}

function lessonOf(
  line: number,
  at: (name: string) => string,
  root: string,
  userId: string,
): Lesson {
  const refuse = (why: string): never => {
    throw new AppError('usage', `The timetable’s line ${line}: ${why}`);
  };
  const said = { classId: at('class_id'), userId: at('user_id') || userId, kind: 'audio' };
  const { target, isValid } = mappedTo(line, said);
  if (!isValid) refuse(target);
  const weekday = weekdayOf(at('weekday'));
  if (weekday === 0) refuse(`${JSON.stringify(at('weekday'))} is no weekday`);
  const starts = minutesOf(at('starts'));
  const ends = minutesOf(at('ends'));
  if (starts === undefined || ends === undefined || ends <= starts)
    return refuse('starts and ends have to be times such as 09:00 and 10:30 of one day');
  const from = at('from') || '0000-01-01';
  const to = at('to') || '9999-12-31';
  if (!isDay(from) || !isDay(to) || from > to)
    refuse('from and to have to be days such as 2024-09-02, in this order');
  const path = pathBelow(root, at('path'));
  return { line, weekday, starts, ends, from, to, target, fits: fitsPath(path) };
}

/** 1 for Monday, as ISO 8601 has it; 0 for none. English names, or their first three letters. */
function weekdayOf(text: string): number {
  if (/^[1-7]$/.test(text)) return Number(text);
  return /^[a-z]{3,9}$/i.test(text) ? WEEKDAYS.indexOf(text.slice(0, 3).toLowerCase()) + 1 : 0;
}

function minutesOf(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && total <= 24 * 60 ? total : undefined;
}

function isDay(text: string): boolean {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

/** @throws AppError `usage` for a zone that is not known. */
function clockOf(zone: string): (mtimeNs: string) => WallTime {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch (error) {
    throw new AppError('usage', `There is no time zone ${zone}`, { cause: error });
  }
  return (mtimeNs) => {
    const parts = format.formatToParts(Number(BigInt(mtimeNs) / 1_000_000n));
    const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]));
    const day = `${of['year']}-${of['month']}-${of['day']}`;
    const time = `${of['hour']}:${of['minute']}`;
    const text = `${of['weekday']} ${day} ${time}`;
    return { day, weekday: weekdayOf(of['weekday']!), minutes: minutesOf(time)!, text };
  };
}
