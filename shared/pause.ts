/** @file Why uploads stand, and how long a person may pause them: all lengths but one end by themselves, for who forgets to resume. */
import { DATES } from './format.ts';
import { HOUR_MS } from './time.ts';

const MORNING_HOUR = 7;

export const pauseLengths = ['resumed', 'hour', 'tomorrow'] as const;
export type PauseLength = (typeof pauseLengths)[number];

/** Longer than any that can be chosen, also where the clocks are changed in between. */
export const LONGEST_PAUSE_MS = 48 * HOUR_MS;

/** By the clock and the zone of who asks. @returns In ms since 1970; null where only a person ends it. */
export function pauseEndMs(length: PauseLength, nowMs: number): number | null {
  if (length === 'resumed') return null;
  if (length === 'hour') return nowMs + HOUR_MS;
  const morning = new Date(nowMs);
  morning.setDate(morning.getDate() + 1);
  return morning.setHours(MORNING_HOUR, 0, 0, 0);
}

/** A person has paused them · it is an hour in which they are off · the computer is not plugged in. */
export const pauseReasons = ['person', 'week', 'battery'] as const;
type PauseReason = (typeof pauseReasons)[number];
/** Null: no end is known. In ms since 1970. */
export type Standstill = Readonly<{ by: PauseReason; untilMs: number | null }>;

/** `paused until 15:20`, `off until Monday, 07:00, by your timetable`, `waiting until …`. */
export function pauseText({ by, untilMs }: Standstill, nowMs: number): string {
  const until = untilMs === null ? '' : ` until ${whenText(untilMs, nowMs)}`;
  if (by === 'battery') return 'waiting until this computer is plugged in';
  if (by === 'person') return `paused${until}`;
  return `off${until === '' ? '' : `${until},`} by your timetable`;
}

/** Of a standstill that somebody may have forgotten. @param sinceMs When it began, in ms since 1970. */
export function stoodText({ by }: Standstill, sinceMs: number): string {
  const day = new Date(sinceMs).toLocaleDateString(DATES, { day: 'numeric', month: 'long' });
  const told = `Nothing could be sent since ${day}`;
  const { why, remedy } = forgotten[by];
  return `${told}: ${why}. What waits is not in the storage yet. ${remedy}`;
}

const forgotten: Readonly<Record<PauseReason, Readonly<{ why: string; remedy: string }>>> = {
  person: { why: 'uploads are paused', remedy: 'Choose Resume all.' },
  week: {
    why: 'whenever this computer was on, your timetable had uploads off',
    remedy: 'Change the timetable, or choose Send anyway.',
  },
  battery: {
    why: 'uploads wait while this computer runs on battery',
    remedy: 'Plug it in, or choose Send anyway.',
  },
};

/** `15:20`, `Sunday, 07:00`, by the zone of now: a laptop travels. */
export function whenText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const clock = at.toLocaleTimeString(DATES, { timeStyle: 'short' });
  const isToday = at.toDateString() === new Date(nowMs).toDateString();
  return isToday ? clock : `${at.toLocaleDateString(DATES, { weekday: 'long' })}, ${clock}`;
}
