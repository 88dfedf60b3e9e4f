/** @file The audits that windows begin: one at a time, on whatever page is open, told as they go. */
import { basename, dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Api, ApiEvent } from '#shared/api.ts';
import type { AuditView } from '#shared/api/ledger.ts';
import { countRefuted, type RefutedReason } from '#shared/audit.ts';
import { AppError } from '#shared/errors.ts';
import { TELL_EVERY_MS } from '../events.ts';
import { ownAuditsView, setAuditPeriod } from '../audit/by-itself.ts';
import { keysAsShown } from '../audit/gone.ts';
import type { Engine } from '../engine.ts';
import { auditStore } from '../store/audits.ts';
import { STOP_MS, within } from '../waiting.ts';
import { endTrouble } from './views.ts';
import type { Log } from '../log.ts';
import type { JobStore } from '../store/jobs.ts';
import type { ObjectIndex } from '../store/objects.ts';

type Options = Readonly<{
  database: Database;
  jobs: JobStore;
  objects: ObjectIndex;
  /** Both `undefined` while the connection is not set up. */
  audit: Engine['audit'] | undefined;
  place: string | undefined;
  monotonicMs: () => number;
  emit: (event: ApiEvent) => void;
  log: Log;
}>;

export type Audits = Pick<
  Api,
  'getAudit' | 'startAudit' | 'cancelAudit' | 'listAuditFindings' | 'getOwnAudits' | 'setOwnAudits'
> &
  Readonly<{
    /** How many recordings count as verified against what the last audit found. */
    refuted: () => number;
    /** Of the objects that the last audit found this of. */
    keysAsShown: (reason: RefutedReason, files: number) => string[];
    /** Somebody decided about what was found. */
    settled: () => void;
    stop: () => Promise<void>;
  }>;

export function createAudits(options: Options): Audits {
  const { database, jobs, objects, audit, place, monotonicMs, emit, log } = options;
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
            isByItself: last.isByItself,
          }
        : null,
    };
  }
  const tell = () => emit({ type: 'audit', audit: view() });

  async function run(
    audited: Engine['audit'],
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
    try {
      await audited(level, onFinding, cancel);
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
      if (!audit) throw new AppError('settings-missing', 'The connection is not set up yet');
      if (current === undefined && !isStopped) {
        const cancel = new AbortController();
        running = { level, looked: 0 };
        outcome = { wasCancelled: false, trouble: null };
        tell();
        current = { cancel, ended: run(audit, level, cancel.signal) };
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
    getOwnAudits: async () => ownAuditsView(database, jobs, objects, place),
    async setOwnAudits({ every }) {
      setAuditPeriod(database, every);
      return {};
    },
    refuted: () => countRefuted(store.refuted()),
    keysAsShown: (reason, files) => keysAsShown(store, reason, files),
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
