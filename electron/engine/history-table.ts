/** @file The history as a table for other programs: CSV (RFC 4180) that no spreadsheet takes for formulas. */
import { historyText, type HistoryLine } from '#shared/history.ts';

const columns = ['When', 'What', 'Recording or folder', 'Class', 'In words'] as const;

/** Every cell quoted, UTF-8 with a mark that spreadsheets know it by. Times are ISO 8601, UTC. */
export function historyTable(lines: readonly HistoryLine[]): string {
  const rows = lines.map((line) => [
    isoTime(line.atMs),
    line.kind,
    line.names[0] ?? '',
    line.classId ?? '',
    historyText(line, isoTime),
  ]);
  return `\uFEFF${[columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

/**
 * What a spreadsheet would take for the beginning of a formula gets an apostrophe before it: at the start
 * of each line of a cell, also behind spaces (OWASP, CSV Injection).
 */
function cell(text: string): string {
  const safe = text.replaceAll(/[^\r\n\u2028\u2029\v\f]+/g, (line) =>
    /^[\s\uFEFF\p{Cf}]*[=+\-@\t＝＋－＠|%]/u.test(line) ? `'${line}` : line,
  );
  return `"${safe.replaceAll('"', '""')}"`;
}
