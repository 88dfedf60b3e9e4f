import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { PAGE, paged } from './paged.ts';

/** What happened to a file of a plan, as JSON; and the hash that binds it to all that came before. */
type Receipt = Readonly<{ id: number; entry: string; hash: string }>;

/** A chain of receipts for each plan: nothing can be changed, left out or put in without a trace. */
export function receiptStore(db: Database) {
  const last = db
    .prepare<[string], string>(
      `SELECT hash FROM receipts WHERE plan_id = ? ORDER BY id DESC LIMIT 1`,
    )
    .pluck();
  const add = db.prepare<[string, string, string]>(
    `INSERT INTO receipts (plan_id, entry, hash) VALUES (?, ?, ?)`,
  );
  const page = db.prepare<[string, number], Receipt>(
    `SELECT id, entry, hash FROM receipts WHERE plan_id = ? AND id > ? ORDER BY id LIMIT ${PAGE}`,
  );
  return {
    /** To be called in the transaction that writes down what happened. The first is bound to the plan itself. */
    add({ id, sha256 }: Readonly<{ id: string; sha256: string }>, what: object): void {
      const entry = JSON.stringify(what);
      const hash = createHash('sha256')
        .update(`${last.get(id) ?? sha256}\n${entry}`)
        .digest('hex');
      add.run(id, entry, hash);
    },
    all: (planId: string): Generator<Receipt> =>
      paged((before) => page.all(planId, before?.id ?? 0)),
  };
}
