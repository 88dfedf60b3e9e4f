/** @file Several audits at once, of the app and of the command line: none erases what another one found. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditStore, type LastAudit } from '../../electron/engine/store/audits.ts';
import { openDatabase } from '../../electron/engine/store/open.ts';
import { DAY_MS } from '../../shared/time.ts';
import { tempDir } from '../support/temp-dir.ts';

const of = (run: number): LastAudit => ({
  run,
  level: 'head',
  startedAtMs: 1,
  endedAtMs: 2,
  totals: { 'not-uploaded': 1 },
  isByItself: false,
});

const finding = (name: string) => [{ reason: 'not-uploaded', path: name } as const];

test('each keeps its own findings until it ends, and those of one that was killed go in the end', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'ledger.db');
  const [database, another] = [openDatabase(path), openDatabase(path)];
  const [store, other] = [auditStore(database), auditStore(another)];
  const found = () => store.page('not-uploaded', 0, 10).map((row) => row.path);
  const runs = [store.begin(1), other.begin(1), store.begin(1), store.begin(1)] as const;
  expect(new Set(runs).size).toBe(4);
  const [first, second, given, killed] = runs;
  store.add(first, finding('first'));
  other.add(second, finding('second'));
  store.add(given, finding('given up'));
  store.add(killed, finding('killed'));
  other.finish(of(second), 'here');
  expect(found()).toEqual(['second']);
  store.forget(given);
  store.finish(of(first), 'here');
  expect(found()).toEqual(['first']);
  const rows = () =>
    database.prepare(`SELECT path FROM audit_findings ORDER BY path`).pluck().all();
  expect(rows()).toEqual(['first', 'killed']);
  const late = other.begin(31 * DAY_MS);
  other.finish(of(late), 'here');
  expect(rows()).toEqual([]);
  for (const open of [database, another]) open.close();
});
