import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { remedyOf, wordsOf, type Reason } from '../../shared/catalogue.ts';
import { matrix, type Fault } from './matrix.ts';
import { fileRows } from './file-rows.ts';
import { networkRows } from './network-rows.ts';
import { storageRows } from './storage-rows.ts';

const root = join(import.meta.dirname, '../..');
const rows = [...fileRows, ...networkRows, ...storageRows];
const isHere = (row: number) => rows.some((one) => one.row === row);
const isIn = (folder: string, row: Fault) => row.by.some(([file]) => file.startsWith(folder));

test('the 60 faults are all in the table, each once', () => {
  expect(matrix.map(({ row }) => row)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  const here = new Set(rows.map(({ row }) => row));
  expect([...here].filter((row) => !matrix.some((fault) => fault.row === row))).toEqual([]);
});

test('each test that the table names is there', () => {
  const texts = new Map<string, string>();
  const textOf = (file: string) => {
    if (!texts.has(file)) texts.set(file, readFileSync(join(root, file), 'utf8'));
    return texts.get(file)!;
  };
  const named = matrix.flatMap(({ row, by }) => by.map((one) => [row, ...one] as const));
  expect(named.filter(([, file, title]) => !textOf(file).includes(title))).toEqual([]);
});

test('the words of each row are those of the catalogue', () => {
  const wrong = rows.filter(({ seen }) => {
    // What is no job yet is told by other words, which its row meets.
    if (seen === undefined || seen.state === 'settling' || seen.state === 'skipped') return false;
    const code = seen.code as Reason;
    const words = `${wordsOf(code).title}. ${remedyOf(code)}`;
    return seen.says.length < 10 || !words.includes(seen.says);
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

const list = (faults: readonly { row: number; lacks: string | undefined }[]) =>
  faults.map(({ row, lacks }) => `${row} (${lacks})`).join('; ') || 'none';

afterAll(() => {
  const here = matrix.filter((fault) => isHere(fault.row) || isIn('tests/faults/', fault));
  const uncovered = matrix.filter((fault) => !here.includes(fault) && fault.by.length === 0);
  const elsewhere = matrix.length - here.length - uncovered.length;
  console.log(
    `${matrix.length} rows: ${here.length} here in ${rows.length + 2} ways, ${elsewhere} elsewhere, ${uncovered.length} not covered: ${list(uncovered)}`,
  );
  const lacking = matrix.filter((fault) => fault.lacks !== undefined && !uncovered.includes(fault));
  console.log(`In part only: ${list(lacking)}`);
});
