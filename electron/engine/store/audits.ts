import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import {
  auditLevels,
  auditTotals,
  refutedReasons,
  type AuditReason,
  type RefutedReason,
} from '#shared/audit.ts';
import { DAY_MS } from '#shared/time.ts';
import { columns, toJob, type Job, type Row } from './job-row.ts';
import { PAGE, paged } from './paged.ts';
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
  isByItself: z.boolean().default(false),
});
export type LastAudit = z.output<typeof lastAudit>;

/** From when the time until the next one counts that goes by itself, and of which storage (`Remote.place`). */
const clock = z.object({
  place: z.string(),
  fromMs: z.int(),
  isRefused: z.boolean(),
  /** Since then recordings were stored in another storage, too: no listing of one of them has all. */
  isMixed: z.boolean().default(false),
});
type Clock = z.output<typeof clock>;

/** Audits that have begun and not ended, of any process. Times in Unix milliseconds. */
const openRuns = z.array(z.object({ run: z.int(), startedAtMs: z.int() }));
/** No audit takes longer: its process was killed. */
const DEAD_MS = 30 * DAY_MS;

type FindingRow = Omit<Finding, 'sizeBytes'> & { sizeBytes: number | null };

type Last = { run: number; sinceMs: number };

/** What the last audit found, and the ledger in the order in which a bucket is listed. */
export function auditStore(db: Database) {
  const settings = settingStore(db);
  const afterKey = db.prepare<[string], Row>(
    `SELECT ${columns} FROM jobs WHERE key > ? ORDER BY key LIMIT ${PAGE}`,
  );
  const afterId = db.prepare<[number], Row>(
    `SELECT ${columns} FROM jobs WHERE key IS NULL AND id > ? ORDER BY id LIMIT ${PAGE}`,
  );
  const insert = db.prepare(
    `INSERT INTO audit_findings (run, reason, path, key, name, size_bytes, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const drop = db.prepare<[string]>(
    `DELETE FROM audit_findings WHERE run NOT IN (SELECT value FROM json_each(?))`,
  );
  const page = db.prepare<[number, string, number, number], FindingRow>(
    `SELECT reason, path, key, name, size_bytes AS sizeBytes, detail FROM audit_findings
     WHERE run = ? AND reason = ? ORDER BY id LIMIT ? OFFSET ?`,
  );
  // Few of what an audit has found are of these, so never by `run`: an archive that was freed is all in it.
  const refuting = refutedReasons.map((reason) => `'${reason}'`).join();
  const audited = `audit_findings WHERE +run = :run AND reason IN (${refuting}) AND key IS NOT NULL`;
  // By the last audit; and by verifications of archives since, or ones that have read more than it does.
  const found = `found (reason, key) AS (
     SELECT reason, key FROM ${audited}
     UNION ALL SELECT
       CASE WHEN verdict = 'differing' OR checked_at_ms <= :sinceMs THEN 'differs-in-bucket'
            WHEN place = 'here' THEN 'missing-in-bucket' ELSE 'missing-everywhere' END,
       checked_key FROM planned_files
     WHERE (verdict = 'missing' OR verdict = 'differing')
       AND (checked_at_ms > :sinceMs OR wrong_key = checked_key)
       AND checked_key NOT IN (SELECT key FROM ${audited}))`;
  const refuted = db.prepare<[Last], { reason: RefutedReason; files: number }>(
    `WITH ${found} SELECT reason, count(DISTINCT jobs.id) AS files FROM found
     JOIN jobs ON (jobs.key = found.key OR jobs.same_as = found.key) AND jobs.kind = 'verified'
     GROUP BY reason`,
  );
  const keysOf = db
    .prepare<[Last & { reason: string }], string>(
      `WITH ${found} SELECT DISTINCT key FROM found WHERE reason = :reason`,
    )
    .pluck();
  const storedKey = `SELECT key FROM jobs WHERE kind = 'verified' AND key IS NOT NULL ORDER BY id`;
  const first = db.prepare<[], string>(`${storedKey} LIMIT 1`).pluck();
  const latest = db.prepare<[], string>(`${storedKey} DESC LIMIT 1`).pluck();
  const pathsHere = db
    .prepare<[number, string], string>(
      `SELECT path FROM audit_findings
       WHERE +run = ? AND reason = ? AND key IS NOT NULL AND path IS NOT NULL AND detail IS NULL`,
    )
    .pluck();
  const newest = db.prepare<[], number | null>(`SELECT max(run) FROM audit_findings`).pluck();

  const last = (): LastAudit | undefined => settings.getIfReadable('last_audit', lastAudit);
  const setClock = (to: Clock): void => settings.set('audit_clock', to);
  const lastLook = (): Last => {
    const { run = 0, startedAtMs: sinceMs = 0 } = last() ?? {};
    return { run, sinceMs };
  };

  const openNow = () => settings.getIfReadable('audits_open', openRuns) ?? [];
  const begin = db.transaction((startedAtMs: number): number => {
    const isAlive = (open: { startedAtMs: number }) =>
      Math.abs(startedAtMs - open.startedAtMs) < DEAD_MS;
    const open = openNow().filter(isAlive);
    const known = [newest.get() ?? 0, last()?.run ?? 0, ...open.map(({ run }) => run)];
    const run = Math.max(...known) + 1;
    settings.set('audits_open', [...open, { run, startedAtMs }]);
    return run;
  });

  return {
    /**
     * Jobs that still count as verified although the last audit, or the last verification of an archive, did
     * not find their objects as they were sent.
     */
    refuted: (): Partial<Record<RefutedReason, number>> =>
      Object.fromEntries(refuted.all(lastLook()).map(({ reason, files }) => [reason, files])),
    /** Keys that the same found this of. */
    keysOf: (reason: RefutedReason): string[] => keysOf.all({ ...lastLook(), reason }),
    /** All such keys, with what was found of each. */
    refutedKeys: (): Map<string, RefutedReason> =>
      new Map(
        refutedReasons.flatMap((reason) =>
          keysOf.all({ ...lastLook(), reason }).map((key) => [key, reason] as const),
        ),
      ),
    /** Paths of stored recordings that the last audit found this of on this computer. */
    pathsOf: (reason: 'changed-on-disk' | 'unreadable'): string[] =>
      pathsHere.all(lastLook().run, reason),
    /** The jobs that have a key, in binary order of keys, as listings come. */
    jobsWithKey: (): Generator<Job> =>
      paged((before) => afterKey.all(before?.key ?? '').map(toJob)),
    /** The others. */
    jobsWithoutKey: (): Generator<Job> =>
      paged((before) => afterId.all(before?.id ?? 0).map(toJob)),
    last,
    /** Its number: of no other one, though several run at once. @param startedAtMs Unix milliseconds. */
    begin: (startedAtMs: number): number => begin.immediate(startedAtMs),
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
    /** @param place Of the storage that was looked at. */
    finish: db.transaction((audit: LastAudit, place: string) => {
      const open = openNow().filter(({ run }) => run !== audit.run);
      drop.run(JSON.stringify([audit.run, ...open.map(({ run }) => run)]));
      settings.set('audits_open', open);
      settings.set('last_audit', audit);
      setClock({ place, fromMs: audit.endedAtMs, isRefused: false, isMixed: false });
    }),
    clock: (): Clock | undefined => settings.getIfReadable('audit_clock', clock),
    setClock,
    /** Of the stored recordings the one that is known longest, and the one that came last. */
    storedFirstAndLast: (): string[] => [...first.all(), ...latest.all()],
    /** Forgets what an audit found that was not finished. */
    forget: db.transaction((run: number): void => {
      db.prepare(`DELETE FROM audit_findings WHERE run = ?`).run(run);
      settings.set(
        'audits_open',
        openNow().filter((other) => other.run !== run),
      );
    }),
    /** Of what the last whole audit found, not of one that is under way. */
    page: (reason: AuditReason, offset: number, limit: number) =>
      page.all(last()?.run ?? 0, reason, limit, offset),
  };
}
