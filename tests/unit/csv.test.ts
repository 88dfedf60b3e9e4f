import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine, csvRows, type CsvRow } from '../../shared/csv.ts';

async function rowsOf(...pieces: string[]) {
  async function* text() {
    yield* pieces;
  }
  const rows: CsvRow[] = [];
  for await (const row of csvRows(text())) rows.push(row);
  return rows;
}

test.each([
  ['a,b\r\n1,2\r\n', [1, ['a', 'b']], [2, ['1', '2']]],
  ['a,b\n1,2', [1, ['a', 'b']], [2, ['1', '2']]],
  ['\ufeffpath,class\n', [1, ['path', 'class']]],
  ['path;class\n"a;b";c\n', [1, ['path', 'class']], [2, ['a;b', 'c']]],
  ['\n\na\n\nb', [3, ['a']], [5, ['b']]],
  ['"x""y","1\n2"\nz', [1, ['x"y', '1\n2']], [3, ['z']]],
  ['a,\n,b', [1, ['a', '']], [2, ['', 'b']]],
  ['a"b,c', [1, ['a"b', 'c']]],
  [''],
])('%j is read as it is meant', async (text, ...rows) => {
  const wanted = rows.map(([line, fields]) => ({ line, fields }));
  expect(await rowsOf(text)).toEqual(wanted);
  expect(await rowsOf(...text.split(/(?:)/u))).toEqual(wanted);
});

test('a quote that is not closed is named by its line', async () => {
  await expect(rowsOf('a\n"b,c\nd')).rejects.toThrow(/begins in line 2/);
});

test('what is written comes back, whatever it holds', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', '=', ' ', 'é') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(field, { minLength: 1 }), { minLength: 1 }),
      async (table) => {
        const rows = await rowsOf(table.map(csvLine).join(''));
        expect(rows.map(({ fields }) => fields)).toEqual(table);
      },
    ),
  );
});
