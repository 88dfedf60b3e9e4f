/** @file CSV as RFC 4180 has it: fields in quotes may hold separators, doubled quotes and line breaks. */
import { AppError } from './errors.ts';

/** `line`: where it begins, from 1, as an editor counts. */
export type CsvRow = Readonly<{ line: number; fields: readonly string[] }>;

/**
 * Reads rows one by one, empty lines left out. The separator is a comma, or a semicolon where the first
 * line has no comma: spreadsheets write that in countries with a decimal comma.
 *
 * @throws AppError `usage` for a quote that is not closed, naming its line.
 */
export async function* csvRows(text: AsyncIterable<string>): AsyncGenerator<CsvRow> {
  let separator: string | undefined;
  let fields: string[] = [];
  let field = '';
  let state: 'plain' | 'quoted' | 'quote' = 'plain';
  let line = 1;
  let startLine = 1;
  let isFirst = true;
  const endRow = (): CsvRow | undefined => {
    const isPlain = state === 'plain';
    if (separator === undefined && isPlain && fields.length === 0 && field.includes(';')) {
      separator = ';';
      fields = field.split(';');
    } else fields.push(field);
    separator ??= ',';
    const row = { line: startLine, fields };
    const isEmpty = isPlain && fields.length === 1 && field === '';
    fields = [];
    field = '';
    state = 'plain';
    return isEmpty ? undefined : row;
  };
  for await (const piece of text)
    for (const character of piece) {
      if (isFirst && character === '\ufeff') continue;
      isFirst = false;
      if (character === '\n') line += 1;
      if (state === 'quoted') {
        if (character === '"') state = 'quote';
        else field += character;
      } else if (character === '"' && (state === 'quote' || field === '')) {
        // A second quote in a row stands for one.
        if (state === 'quote') field += '"';
        state = 'quoted';
      } else if (character === (separator ?? ',')) {
        separator ??= ',';
        fields.push(field);
        field = '';
        state = 'plain';
      } else if (character === '\n') {
        const row = endRow();
        if (row) yield row;
        startLine = line;
      } else if (character !== '\r') field += character;
    }
  if (state === 'quoted')
    throw new AppError('usage', `The quote that begins in line ${startLine} is not closed`);
  const last = endRow();
  if (last) yield last;
}

/** One line, every value in quotes and as it is: `csvRows` gives it back. */
export function csvLine(values: readonly (string | number)[]): string {
  return `${values.map((value) => `"${String(value).replaceAll('"', '""')}"`).join(',')}\r\n`;
}

/** What spreadsheets know UTF-8 by. */
export const CSV_MARK = '\ufeff';

/**
 * A value that no spreadsheet takes for a formula: what would begin one gets an apostrophe before it, at the
 * start of each line of a cell, also behind spaces (OWASP, CSV Injection).
 */
export function spreadsheetSafe(value: string | number): string {
  return String(value).replaceAll(/[^\r\n\u2028\u2029\v\f]+/g, (line) =>
    /^[\s\uFEFF\p{Cf}]*[=+\-@\t＝＋－＠|%]/u.test(line) ? `'${line}` : line,
  );
}
