/** @file The audits that windows begin: one at a time, on whatever page is open, told as they go. */
import { basename, dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Api, ApiEvent } from '#shared/api.ts';
import type { AuditView } from '#shared/api/ledger.ts';
import { countRefuted, type RefutedReason } from '#shared/audit.ts';
import { AppError } from '#shared/errors.ts';
import { TELL_EVERY_MS } from '../events.ts';
import { runAudit } from '../audit/audit-run.ts';
import { auditStore } from '../store/audits.ts';
import { STOP_MS, within } from '../waiting.ts';
import { endTrouble } from './views.ts';
import type { Log } from '../log.ts';
import type { Remote } from '../s3/remote.ts';
import type { FolderStore } from '../store/folders.ts';
import type { JobStore } from '../store/jobs.ts';

type Options = Readonly<{
  database: Database;
  jobs: JobStore;
  folders: FolderStore;
  /** `undefined` while the connection is not set up. */
  remote: Remote | undefined;
  nowMs: () => number;
  monotonicMs: () => number;
  emit: (event: ApiEvent) => void;
  log: Log;
}>;

export type Audits = Pick<Api, 'getAudit' | 'startAudit' | 'cancelAudit' | 'listAuditFindings'> &
  Readonly<{
    /** How many recordings count as verified against what the last audit found. */
    refuted: () => number;
    /** Of the objects that the last audit found this of. */
    keysOf: (reason: RefutedReason) => string[];
    /** Somebody decided about what was found. */
    settled: () => void;
    stop: () => Promise<void>;
  }>;

export function createAudits(options: Options): Audits {
  const { database, jobs, folders, remote, nowMs, monotonicMs, emit, log } = options;
  const store = auditStore(database);
  let current: { cancel: AbortController; ended: Promise<void> } | undefined;
  let isStopped = false;
  let running: AuditView['running'] = null;
  let outcome: Pick<AuditView, 'wasCancelled' | 'trouble'> = { wasCancelled: false, trouble: null };

  function view(): AuditView {
    const last = store.last();
    return {
      running,
      ...outcome,
      last: last
        ? {
            level: last.level,
            endedAtMs: last.endedAtMs,
            totals: last.totals,
            open: store.refuted(),
          }
        : null,
    };
  }
  const tell = () => emit({ type: 'audit', audit: view() });

  async function run(
    from: Remote,
    level: NonNullable<AuditView['running']>['level'],
    cancel: AbortSignal,
  ): Promise<void> {
    let toldAtMs = monotonicMs();
    const onFinding = (_: unknown, looked: number) => {
      running = { level, looked };
      if (monotonicMs() - toldAtMs < TELL_EVERY_MS) return;
      toldAtMs = monotonicMs();
      tell();
    };
    const context = { database, jobs, folders: folders.list(), remote: from };
    try {
      await runAudit(context, level, nowMs, onFinding, cancel);
    } catch (error) {
      if (isStopped) return;
      outcome = cancel.aborted
        ? { wasCancelled: true, trouble: null }
        : { wasCancelled: false, trouble: endTrouble(error) };
      if (!cancel.aborted) log('warn', 'An audit failed', { error });
    }
    running = null;
    current = undefined;
    if (isStopped) return;
    tell();
    emit({ type: 'status' });
  }

  return {
    getAudit: async () => view(),
    async startAudit({ level }) {
      if (!remote) throw new AppError('settings-missing', 'The connection is not set up yet');
      if (current === undefined && !isStopped) {
        const cancel = new AbortController();
        running = { level, looked: 0 };
        outcome = { wasCancelled: false, trouble: null };
        tell();
        current = { cancel, ended: run(remote, level, cancel.signal) };
      }
      return view();
    },
    async cancelAudit() {
      current?.cancel.abort(new Error('The person cancelled the audit'));
      return {};
    },
    async listAuditFindings({ reason, offset, limit }) {
      return {
        rows: store.page(reason, offset, limit).map(({ name, path, key, detail }) => ({
          name: name ?? basename(path ?? key ?? ''),
          where: path === undefined || path === null ? (key ?? '') : dirname(path),
          detail: detail ?? null,
        })),
        total: store.last()?.totals[reason] ?? 0,
      };
    },
    refuted: () => countRefuted(store.refuted()),
    keysOf: store.keysOf,
    settled() {
      tell();
      emit({ type: 'status' });
    },
    async stop() {
      isStopped = true;
      current?.cancel.abort(new Error('The library is closed'));
      await within(STOP_MS, current?.ended);
    },
  };
}
