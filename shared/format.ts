const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `12.3 MB`, in decimal units with three digits at most. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  if (unit === 0) return count(bytes, 'byte');
  const maximumFractionDigits = value >= 99.95 ? 0 : 1;
  return new Intl.NumberFormat('en', {
    style: 'unit',
    unit: units[unit]!,
    maximumFractionDigits,
  }).format(value);
}

const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `2 GB`, `500kb`, `1.5 gb` or a bare number of bytes. @returns `undefined` for what is no size. */
export function parseBytes(text: string): number | undefined {
  const [, number, unit = ''] =
    /^\s*(\d{1,15}(?:\.\d{1,3})?)\s*([kmgt]?)b?(?:ytes?)?\s*$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.round(Number(number) * factors[unit.toLowerCase()]!);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

const grouped = new Intl.NumberFormat('en');

/** `12,345`. For people alone: not for programs, nor for what is to be typed again. */
export const formatNumber = (number: number): string => grouped.format(number);

/** `2026-03-05T13:07:09.000Z`: for programs, and what is sorted as text. @param ms Unix milliseconds */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** How dates and times are written for people, wherever they read them: the words beside them are English. */
export const DATES = 'en-GB';
const date = new Intl.DateTimeFormat(DATES, { dateStyle: 'medium' });
const clock = new Intl.DateTimeFormat(DATES, { timeStyle: 'short' });
const dateTime = new Intl.DateTimeFormat(DATES, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(DATES, { weekday: 'long', day: 'numeric', month: 'short' });

// All of them are in the reader's zone, unless told another one, and take Unix milliseconds.
/** `5 Mar 2026`. */
export const formatDate = (ms: number, timeZone?: string): string =>
  timeZone === undefined
    ? date.format(ms)
    : new Intl.DateTimeFormat(DATES, { dateStyle: 'medium', timeZone }).format(ms);
/** `formatDate` in a column: of all months September's are the longest, `15 Sept 2026`. */
export const dateColumn = (ms: number): string => formatDate(ms).padStart(12);
/** `14:07`. */
export const formatClock = (ms: number): string => clock.format(ms);
/** `5 Mar 2026, 14:07`. */
export const formatTime = (ms: number): string => dateTime.format(ms);
/** `Thursday 5 Mar`, for what is near. */
export const formatDay = (ms: number): string => day.format(ms);

/** `Thursday, 5 March 2026 at 14:07 CET`, for what must not be misread. @param timeZone Unless it is the reader's. */
export const formatDeadline = (ms: number, timeZone?: string): string =>
  new Intl.DateTimeFormat(DATES, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(ms);

/** `1 file`, `3 files`. */
export function count(number: number, noun: string): string {
  return `${formatNumber(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** As a sentence begins. */
export const withCapital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A file name as it may be printed: control and direction-changing characters become visible. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
