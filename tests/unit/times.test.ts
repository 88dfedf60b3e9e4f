/** @file A time is told to people in one way, wherever they read it. */
import { expect, test } from 'vitest';
import {
  dateColumn,
  formatClock,
  formatDate,
  formatDeadline,
  formatTime,
} from '../../shared/format.ts';
import { backupText } from '../../shared/migration/migration.ts';
import { pauseText } from '../../shared/pause.ts';

// By the clock of whoever reads it.
const atMs = new Date(2026, 10, 28, 15, 7).getTime();

test('a date and a time', () => {
  expect([formatDate(atMs), formatClock(atMs), formatTime(atMs)]).toEqual([
    '28 Nov 2026',
    '15:07',
    '28 Nov 2026, 15:07',
  ]);
  expect(formatDeadline(Date.UTC(2026, 10, 28, 15, 7), 'Asia/Singapore')).toBe(
    'Saturday, 28 November 2026 at 23:07 GMT+8',
  );
});

test('dates of all months stand in one column', () => {
  const dates = Array.from({ length: 24 }, (_, n) =>
    dateColumn(new Date(2026, n % 12, n < 12 ? 15 : 1).getTime()),
  );
  expect(dates.filter((date) => date.length !== 12)).toEqual([]);
});

test('in sentences of the engine too', () => {
  expect(backupText({ kind: 'said', by: 'Ann', atMs })).toContain('since 28 Nov 2026, without');
  const until = pauseText({ by: 'person', untilMs: atMs }, atMs - 60_000);
  expect(until).toBe(`paused until ${formatClock(atMs)}`);
});
