import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import {
  auditLevels,
  auditTotals,
  refutedReasons,
  type AuditReason,
  type RefutedReason,
} from '#shared/audit.ts';
import { columns, toJob, type Job, type Row } from './job-row.ts';
import { settingStore } from './settings.ts';

/** One thing that an audit looked at. */
export type Finding = Readonly<{
  reason: AuditReason;
  path?: string | undefined;
  key?: string | undefined;
  name?: string | undefined;
  sizeBytes?: number | undefined;
  /** What kept it from being looked at. */
  detail?: string | undefined;
}>;

const lastAudit = z.object({
  run: z.int(),
  level: z.enum(auditLevels),
  startedAtMs: z.int(),
  endedAtMs: z.int(),
  totals: auditTotals,
});
export type LastAudit = z.output<typeof lastAudit>;

type FindingRow = Omit<Finding, 'sizeBytes'> & { sizeBytes: number | null };

/** What the last audit found, and the ledger in the order in which a bucket is listed. */
export function auditStore(db: Database) {
  const settings = settingStore(db);
  const afterKey = db.prepare<[string, number], Row>(
    `SELECT ${columns} FROM jobs WHERE key > ? ORDER BY key LIMIT ?`,
  );
  const afterId = db.prepare<[number, number], Row>(
    `SELECT ${columns} FROM jobs WHERE key IS NULL AND id > ? ORDER BY id LIMIT ?`,
  );
  const insert = db.prepare(
    `INSERT INTO audit_findings (run, reason, path, key, name, size_bytes, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const drop = db.prepare<[number]>(`DELETE FROM audit_findings WHERE run <> ?`);
  const page = db.prepare<[number, string, number, number], FindingRow>(
    `SELECT reason, path, key, name, size_bytes AS sizeBytes, detail FROM audit_findings
     WHERE run = ? AND reason = ? ORDER BY id LIMIT ? OFFSET ?`,
  );
  const refuted = db.prepare<[string, number], { reason: RefutedReason; files: number }>(
    `SELECT f.reason, count(DISTINCT jobs.id) AS files FROM audit_findings f
     JOIN jobs ON (jobs.key = f.key OR jobs.same_as = f.key) AND jobs.kind = 'verified'
     WHERE f.reason IN (SELECT value FROM json_each(?)) AND f.run = ? GROUP BY f.reason`,
  );
  const keysOf = db
    .prepare<[number, string], string>(
      `SELECT DISTINCT key FROM audit_findings WHERE run = ? AND reason = ? AND key IS NOT NULL`,
    )
    .pluck();
  const newest = db.prepare<[], number | null>(`SELECT max(run) FROM audit_findings`).pluck();

  const last = (): LastAudit | undefined => settings.getIfReadable('last_audit', lastAudit);

  return {
    /** Jobs that still count as verified although the last audit did not find their objects as they were sent. */
    refuted: (): Partial<Record<RefutedReason, number>> =>
      Object.fromEntries(
        refuted
          .all(JSON.stringify(refutedReasons), last()?.run ?? 0)
          .map(({ reason, files }) => [reason, files]),
      ),
    /** Keys that the last audit found this of. */
    keysOf: (reason: AuditReason): string[] => keysOf.all(last()?.run ?? 0, reason),
    /** A page of the jobs that have a key, in binary order of keys, as listings come. */
    jobsAfterKey: (key: string, limit: number): Job[] => afterKey.all(key, limit).map(toJob),
    /** A page of the others. */
    jobsWithoutKey: (id: number, limit: number): Job[] => afterId.all(id, limit).map(toJob),
    last,
    nextRun: (): number => Math.max(newest.get() ?? 0, last()?.run ?? 0) + 1,
    /** What an audit has found so far; what the last one found stays until `finish`. */
    add: db.transaction((run: number, findings: readonly Finding[]) => {
      for (const { reason, path, key, name, sizeBytes, detail } of findings)
        insert.run([
          run,
          reason,
          path ?? null,
          key ?? null,
          name ?? null,
          sizeBytes ?? null,
          detail ?? null,
        ]);
    }),
    finish: db.transaction((audit: LastAudit) => {
      drop.run(audit.run);
      settings.set('last_audit', audit);
    }),
    /** Forgets what an audit found that was not finished. */
    forget: (run: number): void =>
      void db.prepare(`DELETE FROM audit_findings WHERE run = ?`).run(run),
    /** Of what the last whole audit found, not of one that is under way. */
    page: (reason: AuditReason, offset: number, limit: number) =>
      page.all(last()?.run ?? 0, reason, limit, offset),
  };
}
