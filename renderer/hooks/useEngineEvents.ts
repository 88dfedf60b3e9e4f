import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { JobView } from '#shared/api.ts';
import type { AuditView } from '#shared/api/ledger.ts';
import type { MigrationView } from '#shared/api/migration-view.ts';
import type { DownloadView } from '#shared/api/stored.ts';
import { listen } from '../api.ts';
import { showAudit } from './useAudit.ts';
import { showMigration } from './useMigration.ts';
import { showDownload } from './useDownloads.ts';

type JobPage = Readonly<{ rows: readonly JobView[]; total: number }>;

/** Events are put on screen together, ten times a second at most. */
const SHOW_EVERY_MS = 100;
/** How soon each kind of answer is asked for again after something changed. */
const ASK_AGAIN_MS = { status: 300, jobs: 1_000, settling: 2_000 } as const;

const CHANGED_WITH_STATUS = [
  'jobs',
  'causes',
  'folders',
  'links',
  'sign-in',
  'skipped',
  'history',
  'migration',
  'audit',
  'own-audits',
] as const;

/** Keeps every cached answer in step with the engine. @returns Whether events arrive; `undefined` until that is known. */
export function useEngineEvents(
  onSettled: (job: JobView) => void,
  onDownload: (download: DownloadView) => void,
  onAudit: (audit: AuditView) => void,
  onMigration: (migration: MigrationView) => void,
): boolean | undefined {
  const [isConnected, setConnected] = useState<boolean>();
  const client = useQueryClient();
  useEffect(() => {
    const pending = new Map<number, JobView>();
    const timers = new Map<string, ReturnType<typeof setTimeout>>();
    const later = (name: string, ms: number, run: () => void) => {
      if (timers.has(name)) return;
      const fire = () => {
        timers.delete(name);
        run();
      };
      timers.set(name, setTimeout(fire, ms));
    };
    const ask = (...keys: string[]) => {
      for (const key of keys) void client.invalidateQueries({ queryKey: [key] });
    };
    let jobsAskedMs = -Infinity;
    /** At once when it was quiet, so that the first row of a list is not waited for. */
    const askJobs = () => {
      const sinceMs = performance.now() - jobsAskedMs;
      later('jobs', Math.max(SHOW_EVERY_MS, ASK_AGAIN_MS.jobs - sinceMs), () => {
        jobsAskedMs = performance.now();
        ask('jobs', 'causes', 'history');
      });
    };
    const askStatus = () => later('status', ASK_AGAIN_MS.status, () => ask('status'));
    const show = () => {
      const hasMoved = showJobs(client, pending);
      for (const job of pending.values()) {
        if (job.state === 'verified' || job.state === 'failed' || job.state === 'held')
          onSettled(job);
        if (job.state === 'verified')
          later('objects', ASK_AGAIN_MS.settling, () => ask('owners', 'objects', 'own-audits'));
      }
      pending.clear();
      askStatus();
      if (hasMoved) askJobs();
    };
    const stop = listen({
      onEvent(event) {
        if (event.type === 'job') {
          pending.set(event.job.id, event.job);
          later('show', SHOW_EVERY_MS, show);
        } else if (event.type === 'download') {
          showDownload(client, event.download);
          onDownload(event.download);
        } else if (event.type === 'audit') {
          showAudit(client, event.audit);
          onAudit(event.audit);
        } else if (event.type === 'migration') {
          void showMigration(client, event.working, onMigration);
        } else {
          askStatus();
          later('rest', ASK_AGAIN_MS.settling, () => ask(...CHANGED_WITH_STATUS));
        }
      },
      onConnected(now) {
        setConnected(now);
        if (now) void client.invalidateQueries();
        else ask('status');
      },
    });
    return () => {
      stop();
      for (const timer of timers.values()) clearTimeout(timer);
    };
  }, [client, onSettled, onDownload, onAudit, onMigration]);
  return isConnected;
}

/**
 * Puts changed jobs in their rows, wherever one is cached.
 *
 * @returns Whether a job is new or changed its state, so that lists and counts no longer agree.
 */
function showJobs(client: QueryClient, changed: ReadonlyMap<number, JobView>): boolean {
  const unseen = new Set(changed.keys());
  let hasMoved = false;
  // What was found stays listed as it is by now: to search again for each change would be work without end.
  client.setQueriesData<JobPage>({ queryKey: ['found-jobs'] }, (page) =>
    page?.rows.some((row) => changed.has(row.id))
      ? { ...page, rows: page.rows.map((row) => changed.get(row.id) ?? row) }
      : page,
  );
  client.setQueriesData<JobPage>({ queryKey: ['jobs'] }, (page) => {
    if (page === undefined || !page.rows.some((row) => changed.has(row.id))) return page;
    const rows = page.rows.map((row) => {
      const now = changed.get(row.id);
      if (now === undefined) return row;
      unseen.delete(row.id);
      hasMoved ||= now.state !== row.state;
      return now;
    });
    return { ...page, rows };
  });
  return hasMoved || unseen.size > 0;
}
