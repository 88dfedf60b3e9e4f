import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { remedyOf, wordsOf, type Reason } from '../../shared/troubles/catalogue.ts';
import { matrix } from './matrix.ts';
import { fileRows } from './file-rows.ts';
import { homeRows } from './home-rows.ts';
import { networkRows } from './network-rows.ts';
import { placeRows } from './place-rows.ts';
import { storageRows } from './storage-rows.ts';

const root = join(import.meta.dirname, '../..');
const rows = [...fileRows, ...networkRows, ...placeRows, ...storageRows];
/** What is no job yet, or none alone. */
const outside = new Set(['settling', 'skipped', 'not-connected']);
/** Each in a test of its own, in process.test.ts. */
const processRows = [1, 4, 8, 9];
const here = new Set([...rows, ...homeRows].map(({ row }) => row).concat(processRows));

test('the 60 faults are all in the table, each once, and none is tried that is not', () => {
  expect(matrix.map(({ row }) => row)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect([...here].filter((row) => !matrix.some((fault) => fault.row === row))).toEqual([]);
});

test('each is tried here, or says why not and names the tests that show it', () => {
  const unshown = matrix.filter(({ row, by, elsewhere }) =>
    here.has(row) ? elsewhere !== undefined : elsewhere === undefined || by.length === 0,
  );
  expect(unshown).toEqual([]);
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
    if (seen === undefined || outside.has(seen.state)) return false;
    const code = seen.code as Reason;
    const words = `${wordsOf(code).title}. ${remedyOf(code)}`;
    return seen.says.length < 10 || !words.includes(seen.says);
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

afterAll(() => {
  const elsewhere = matrix.filter((fault) => !here.has(fault.row));
  const ways = rows.length + homeRows.length + processRows.length;
  console.log(
    `${matrix.length} rows: ${here.size} here in ${ways} ways, ${elsewhere.length} elsewhere`,
  );
  for (const { row, fault, elsewhere: why } of elsewhere) console.log(`  ${row} ${fault}: ${why}`);
  const lacking = matrix.filter(({ lacks }) => lacks !== undefined);
  console.log(`In part only: ${lacking.map(({ row, lacks }) => `${row} (${lacks})`).join('; ')}`);
});
