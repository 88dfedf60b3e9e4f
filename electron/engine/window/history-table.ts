/** @file The history as a table for other programs: CSV (RFC 4180) that no spreadsheet takes for formulas. */
import { CSV_MARK, csvLine, spreadsheetSafe } from '#shared/csv.ts';
import { isoTime } from '#shared/format.ts';
import { historyText, type HistoryLine } from '#shared/api/history.ts';

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
  return CSV_MARK + [columns, ...rows].map((row) => csvLine(row.map(spreadsheetSafe))).join('');
}
