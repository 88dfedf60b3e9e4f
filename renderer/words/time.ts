/** @file Spans and zones for people. Times are in shared/format.ts. */
import { DAY_MS, HOUR_MS } from '#shared/time.ts';

const steps = [
  { unit: 'd', seconds: 86_400 },
  { unit: 'h', seconds: 3_600 },
  { unit: 'min', seconds: 60 },
  { unit: 's', seconds: 1 },
] as const;

/** Of an estimate: whole minutes below an hour, ten minutes below a day, then hours. It changes seldom. */
export function roughSpan(ms: number): string {
  const step = ms < HOUR_MS ? 60_000 : ms < DAY_MS ? 600_000 : HOUR_MS;
  const rounded = Math.max(60_000, Math.round(ms / step) * step);
  return rounded < 120_000 ? '1 min' : formatSpan(rounded);
}

/** `2 h 14 min`: the two largest units, seconds only below two minutes. */
export function formatSpan(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1_000));
  if (total < 120) return `${total} s`;
  let left = total;
  const parts: string[] = [];
  for (const { unit, seconds } of steps) {
    const value = Math.floor(left / seconds);
    left -= value * seconds;
    if (unit === 's' || parts.length === 2) break;
    if (value > 0) parts.push(`${value} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.join(' ');
}

/** This computer's, as in the IANA's database. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
export const zones = (): string[] => Intl.supportedValuesOf('timeZone');

/** Also one of those names that are known and not listed. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
