/** @file What happened to the ledger, kept in the new one. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { RecoveryFacts } from '#shared/recovery.ts';
import { byKind, moving, underWay } from '../store/job-indexes.ts';
import { settingStore } from '../store/settings.ts';

/** Of a ledger that was made anew: what is sent from then on is first looked for in the bucket. */
const recovery = z.object({
  /**
   * `damaged` and `lost`: rebuilt. `older`: a former state came back, or its last commits are gone. `new`: the
   * first ledger here, as far as anybody can tell; the recordings may have been sent from a home that is gone.
   */
  reason: z.enum(['damaged', 'lost', 'older', 'new']),
  atMs: z.int(),
  /** Where the damaged files are, in the home. */
  folder: z.string().nullable(),
  /** Recordings that were taken over from it: up to this id they have to be proven anew. */
  jobs: z.int(),
  lastJobId: z.int(),
  /** The bucket was listed since. */
  isListed: z.boolean(),
  /** The index of listings that `isListed` and `owners` are about, see `Mark`. */
  index: z.object({ id: z.string(), ended: z.int() }).nullable().default(null),
  /** Of a `new` ledger: the classes and users whose part of the bucket was asked for, as prefixes. */
  owners: z.array(z.string()),
  /** Recordings that were found in the bucket and not sent again. */
  adopted: z.int(),
  /** A person has read about it. */
  isRead: z.boolean(),
});
export type Recovery = z.output<typeof recovery>;

const NAME = 'recovery';
export const readRecovery = (db: Database): Recovery | undefined =>
  settingStore(db).get(NAME, recovery);
export const writeRecovery = (db: Database, record: Recovery): void =>
  settingStore(db).set(NAME, record);

/** All but what was taken over. */
export const freshRecord = (reason: Recovery['reason'], atMs: number) =>
  ({
    reason,
    atMs,
    folder: null,
    isListed: false,
    index: null,
    owners: [],
    adopted: 0,
    isRead: reason === 'new',
  }) satisfies Partial<Recovery>;

/** How far the rebuilding has come, for people; `undefined` when there was none, or a person has read about it. */
export function recoveryFacts(db: Database): RecoveryFacts | undefined {
  const record = readRecovery(db);
  if (record === undefined || record.isRead || record.reason === 'new') return undefined;
  const among = (rows: string) =>
    db
      .prepare<[number], number>(`SELECT count(*) FROM ${rows} AND id <= ?`)
      .pluck()
      .get(record.lastJobId) ?? 0;
  const { reason, jobs, adopted, isListed } = record;
  const isRebuilt = reason !== 'older';
  const proven = isRebuilt ? among(`${byKind} AND kind = 'verified'`) : 0;
  const verifying = `jobs WHERE id IN (SELECT id FROM (${moving(underWay)})) AND kind = 'verifying'`;
  const pending = isRebuilt ? among(`${byKind} AND kind = 'uploaded'`) + among(verifying) : 0;
  return { reason, jobs, proven, pending, adopted, isListed };
}

export function dismissRecovery(db: Database): void {
  const record = readRecovery(db);
  if (record) writeRecovery(db, { ...record, isRead: true });
}
