import DatabaseConstructor from 'better-sqlite3';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { historyStore } from '../../electron/engine/store/history.ts';
import { historyTable } from '../../electron/engine/window/history-table.ts';
import { migrations } from '../../electron/engine/store/migrations.ts';
import { errorCodes } from '../../shared/errors.ts';
import {
  historyKinds,
  historyNames,
  historyText,
  toneOf,
  type HistoryLine,
} from '../../shared/api/history.ts';
import { holdReasons } from '../../shared/job.ts';

function openHistory(maxLines?: number) {
  const db = new DatabaseConstructor(':memory:');
  for (const step of migrations) db.exec(step);
  let nowMs = 1_000;
  const store = historyStore(db, () => nowMs, maxLines);
  return { store, later: (ms: number) => (nowMs += ms) };
}

const line = (given: Partial<HistoryLine>): HistoryLine => ({
  id: 1,
  kind: 'verified',
  fromMs: 0,
  atMs: 0,
  files: 1,
  names: ['Cells.mp3'],
  classId: 'BIO-101',
  code: null,
  number: null,
  ...given,
});
const clock = (ms: number) => `${ms} ms`;

test('each kind is a plain sentence, whatever the reason, with neither codes nor blame', async () => {
  const reasons = {
    held: holdReasons,
    failed: errorCodes,
    'storage-away': errorCodes,
    'scanner-away': ['scan-failed', 'scanner-missing'],
    'not-compared': ['list-denied'],
  } as const;
  const all = historyKinds.flatMap((kind) =>
    (kind in reasons ? reasons[kind as keyof typeof reasons] : [null]).flatMap((code) =>
      [1, 2].map((files) =>
        historyText(line({ kind, code, files, number: files, names: ['a.mp3', 'b.mp3'] }), clock),
      ),
    ),
  );
  for (const text of all) {
    expect(text).toMatch(/^[\p{Lu}\d“]/u);
    expect(text).not.toMatch(/[!{}]|undefined|null|\bcode\b|\.$|: $/);
  }
  const told = historyKinds.flatMap((kind) => {
    const isAway = kind.endsWith('away') || kind === 'failed';
    const code =
      kind === 'held'
        ? 'empty'
        : kind === 'not-compared'
          ? 'list-denied'
          : isAway
            ? 'offline'
            : null;
    return [1, 2].map((files) => {
      const one = line({ kind, code, files, number: 3, names: ['a.mp3', 'b.mp3'].slice(0, files) });
      return `${toneOf(one).padEnd(8)}${historyText(one, clock)}`;
    });
  });
  await expect(`${[...new Set(told)].join('\n')}\n`).toMatchFileSnapshot('words/history.txt');
});

test('what happened to many recordings one after the other is one line, with the newest names', () => {
  const { store, later } = openHistory();
  const verified = (name: string, classId = 'BIO-101') =>
    store.add({ kind: 'verified', name, classId });
  for (const name of ['a', 'b', 'c', 'd']) {
    verified(name);
    later(60_000);
  }
  store.add({ kind: 'failed', name: 'e', classId: 'BIO-101', code: 'offline' });
  store.add({ kind: 'failed', name: 'f', classId: 'BIO-101', code: 'busy' });
  verified('g');
  verified('h', 'HIST-204');
  later(13 * 3_600_000);
  verified('i', 'HIST-204');
  const told = store.page(null, 0, 50).map(({ files, names }) => [files, names.join(' ')]);
  expect(told).toEqual([
    [1, 'i'],
    [1, 'h'],
    [1, 'g'],
    [1, 'f'],
    [1, 'e'],
    [4, 'd c b'],
  ]);
  expect(store.total(null)).toBe(6);
  expect(historyNames(store.page(null, 5, 1)[0]!)).toBe('d, c, b and 1 more');
  // Of one class, what others did in between does not part it; pages meet.
  expect(store.page('BIO-101', 0, 2).map(({ names }) => names[0])).toEqual(['g', 'f']);
  expect(store.page('BIO-101', 2, 9).map(({ files }) => files)).toEqual([1, 4]);
  expect(store.total('BIO-101')).toBe(4);
  expect(store.classes()).toEqual(['BIO-101', 'HIST-204']);
});

test('it is bounded: the oldest lines are forgotten', () => {
  const { store } = openHistory(10);
  for (let i = 0; i < 25; i += 1) store.add({ kind: 'verified', name: `${i}`, classId: `c${i}` });
  expect(store.each(null).map(({ names }) => names[0])).toEqual(
    Array.from({ length: 10 }, (_, i) => `${i + 15}`),
  );
});

test('that something is away is said once, and its return only when it was away', () => {
  const { store } = openHistory();
  const kinds = { away: 'folder-away', back: 'folder-back' } as const;
  const turn = (name: string, isAway: boolean) => store.turn(kinds, isAway, { name });
  turn('/a', false);
  turn('/a', true);
  turn('/b', true);
  turn('/a', true);
  turn('/a', false);
  turn('/a', false);
  const storage = { away: 'storage-away', back: 'storage-back' } as const;
  store.turn(storage, true, { code: 'offline' });
  store.turn(storage, true, { code: 'offline' });
  store.turn(storage, true, { code: 'busy' });
  store.turn(storage, false, {});
  const told = store.each(null).map(({ kind, names, code }) => [kind, names[0] ?? code]);
  expect(told).toEqual([
    ['folder-away', '/a'],
    ['folder-away', '/b'],
    ['folder-back', '/a'],
    ['storage-away', 'offline'],
    ['storage-away', 'busy'],
    ['storage-back', null],
  ]);
});

/** RFC 4180, as a spreadsheet reads it. */
function cellsOf(table: string): string[] {
  expect(table.startsWith('\uFEFF')).toBe(true);
  return [...table.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) =>
    cell.replaceAll('""', '"'),
  );
}

test('as a table no cell is taken for a formula, on none of its lines, and nothing of a name is lost', () => {
  const part = fc.constantFrom(
    '=1+2',
    '+',
    '-2',
    '@SUM(A1)',
    '\t',
    '\r',
    '\n',
    ' ',
    '\u00A0',
    '"',
    ',',
    'a',
    '＝',
    '|',
    '\u200B',
  );
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
      (name) => {
        const cells = cellsOf(historyTable([line({ names: [name], classId: name })]));
        expect(cells).toHaveLength(10);
        for (const cell of cells)
          for (const row of cell.split(/[\r\n\u2028\u2029\v\f]/))
            expect(row.replace(/^[\s\p{Cf}]+/u, '')).not.toMatch(/^[=+\-@＝＋－＠|%]/);
        // Only apostrophes were added.
        expect(cells[7]!.replaceAll("'", '')).toBe(name);
      },
    ),
  );
});
