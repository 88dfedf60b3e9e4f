/** @file The calls of shared/api.ts, each a few lines over the open session. */
import type { Api, ApiEvent } from '#shared/api.ts';
import type { ConnectionCalls } from './connecting.ts';
import type { CostCalls } from './cost-calls.ts';
import { AppError } from '#shared/errors.ts';
import { mayBeTriedAgain } from '#shared/job.ts';
import { refreshIndex } from '../library/browse.ts';
import { learnNames } from '../library/learn-names.ts';
import { createDeletedCalls } from './deleted-calls.ts';
import type { DiagnosticsCalls } from './diagnostics-calls.ts';
import { noteDownloaded } from '../queue/downloaded.ts';
import { createDownloads } from '../library/downloads.ts';
import { createFolderCalls } from './folder-calls.ts';
import { createHandCalls } from './hand-calls.ts';
import { settleGone } from '../audit/gone.ts';
import { createHistoryCalls } from './history-calls.ts';
import { assertKnown, mustHead, mustLook, removeObject } from '../library/objects.ts';
import { restoreObject } from '../library/restore.ts';
import type { Places } from './places.ts';
import { createMigrationCalls } from '../migrate/calls.ts';
import { createPreviewCalls } from './preview-calls.ts';
import { dismissRecovery } from '../home/recovery-record.ts';
import type { School } from '../school/school.ts';
import { createLinkCalls } from './link-calls.ts';
import { objectDetails, objectView, noteOf, troubleOf } from './views.ts';
import { placeOfFile, placeOfPath } from '../library/file-place.ts';
import type { Desktop } from '../desktop.ts';
import type { Session } from './session.ts';
import type { UploadLimitCalls } from '../upload/upload-rate.ts';
import type { VirusScanCalls } from '../virus/calls.ts';
import type { JobGroup } from '../store/job-lists.ts';
import type { Job } from '../store/jobs.ts';
import { removalStore } from '../store/returns.ts';

export type HandlerContext = Readonly<{
  /** @throws AppError with what keeps the library from being open. */
  session: () => Session;
  status: () => ReturnType<Api['getStatus']>;
  /** Opens the library if it is not open. Never throws: the status has what is in the way. */
  openAgain: () => Promise<void>;
  desktop: Desktop;
  places: Places;
  connection: ConnectionCalls;
  cost: CostCalls;
  virusScan: VirusScanCalls;
  uploadLimit: UploadLimitCalls;
  diagnostics: DiagnosticsCalls;
  school: () => School;
  /** Who uses this computer. */
  userId: string;
  nowMs: () => number;
  monotonicMs: () => number;
  emit: (event: ApiEvent) => void;
  onUnexpected: (error: unknown) => void;
  /** Ends requests when the host ends. */
  signal: AbortSignal;
}>;

/** What moves comes first, then what needs a person: nobody scrolls past 10,000 files to see it. */
const MOST_TO_LEAST = ['active', 'attention', 'waiting', 'done'] as const satisfies JobGroup[];
export function createHandlers(context: HandlerContext): Api {
  const { session, desktop, nowMs, signal } = context;
  const engine = () => session().engine ?? missingSettings();
  const remote = () => session().remote ?? missingSettings();

  return {
    ...context.connection,
    ...context.cost,
    ...context.virusScan,
    ...context.uploadLimit,
    ...context.diagnostics,
    getStatus: context.status,

    async listJobs({ filter, offset, limit }) {
      const { jobs, viewOf } = session();
      const groups = filter === 'all' ? MOST_TO_LEAST : [filter];
      const rows: Job[] = [];
      let total = 0;
      for (const group of groups) {
        const page = jobs.page(group, Math.max(0, offset - total), limit - rows.length);
        rows.push(...page.rows);
        total += page.total;
      }
      return { rows: rows.map(viewOf), total };
    },
    async findJobs({ filter, words }) {
      const { findJobs, viewOf } = session();
      const groups = filter === 'all' ? MOST_TO_LEAST : [filter];
      const { rows, hasMore } = await findJobs(groups, words);
      return { rows: rows.map(viewOf), hasMore };
    },
    async listCauses() {
      return session()
        .jobs.causes()
        .flatMap(({ newest, files }) => {
          const trouble = troubleOf(newest);
          const canRetry = mayBeTriedAgain(newest.state);
          const note = files === 1 ? noteOf(newest) : null;
          return trouble === null ? [] : [{ ...trouble, files, name: newest.name, note, canRetry }];
        });
    },
    async listSkipped({ offset, limit }) {
      const { engine: open, folders } = session();
      return open
        ? open.leftOuts.page(folders.list(), offset, limit)
        : { rows: [], total: 0, beyond: 0, lookedAtMs: null };
    },
    async lookAgain() {
      engine().lookAgain();
      return {};
    },
    async retryJobs(choice) {
      const retried = session().decisions.retry(choice);
      session().engine?.queue.tryNow();
      return { retried };
    },
    async sendFirst(choice) {
      const moved = await session().decisions.sendFirst(choice);
      session().engine?.queue.pump();
      return { moved };
    },
    async uploadAnyway(choice) {
      const released = session().decisions.uploadAnyway(choice);
      session().engine?.queue.pump();
      return { released };
    },
    async dismissJobs(choice) {
      return { dismissed: await session().decisions.dismiss(choice) };
    },
    async sendAgain(choice) {
      const done = session().decisions.sendAgain(choice);
      session().engine?.queue.pump();
      return done;
    },
    async revealJob({ id }) {
      const job = session().jobs.get(id);
      const place = job ? await placeOfPath(session(), job) : 'gone';
      if (job && place === 'here') desktop.revealFile?.(job.path);
      return { place };
    },
    async setPaused({ isPaused, untilMs = null }) {
      (session().pause ?? missingSettings()).set(isPaused ? { untilMs } : null);
      return {};
    },
    async dismissRecovery() {
      dismissRecovery(session().database);
      return {};
    },
    getAudit: (input) => session().audits.getAudit(input),
    startAudit: (input) => session().audits.startAudit(input),
    getOwnAudits: (input) => session().audits.getOwnAudits(input),
    setOwnAudits: (input) => session().audits.setOwnAudits(input),
    cancelAudit: (input) => session().audits.cancelAudit(input),
    listAuditFindings: (input) => session().audits.listAuditFindings(input),
    async settleGone({ reason, isAgain, files }) {
      const { audits, jobs, links, objects } = session();
      try {
        return await settleGone(
          { remote: remote(), jobs, links, objects, nowMs },
          audits.keysAsShown(reason, files),
          reason,
          isAgain,
          signal,
        );
      } finally {
        // One that could not be asked for keeps none of those before it waiting.
        audits.settled();
        session().engine?.queue.pump();
      }
    },
    async tryStorageNow() {
      engine().queue.tryNow();
      return {};
    },
    async openAgain() {
      await context.openAgain();
      return {};
    },

    async listOwners() {
      return session().objects.owners();
    },
    async listObjects({ owner, words, offset, limit }) {
      const { objects } = session();
      const wanted = words.split(/\s+/).filter((word) => word !== '');
      const { rows, total } =
        wanted.length > 0
          ? objects.search(wanted, limit, offset)
          : objects.newest(owner, offset, limit);
      const { restores } = session();
      const place = session().remote?.place;
      const views = rows.map((row) => objectView(row, restores.get(row.key, place ?? ''), nowMs()));
      return { rows: views, total, indexedAtMs: objects.indexedAtMs(place) ?? null };
    },
    async refreshObjects() {
      const listed = await refreshIndex(remote(), session().objects, nowMs, signal);
      session().known?.allow('s3:ListBucket');
      return listed;
    },
    learnNames: async () => learnNames(remote(), session().objects, nowMs, signal),
    async getObject({ key }) {
      assertKnown(session(), key);
      const on = remote();
      const info = await mustLook(on, key, signal);
      const file = await placeOfFile(session(), key);
      const { links } = session();
      return objectDetails(info, file, links.workingOf(key, on.place, nowMs() - on.aheadMs()));
    },
    async getShelf({ key }) {
      assertKnown(session(), key);
      const { readability } = await mustHead(remote(), key, signal);
      return { shelf: readability.kind === 'readable' ? null : readability.kind };
    },
    ...createDownloads({
      ...context,
      remote,
      assertKnown: (key) => assertKnown(session(), key),
      beforeSaved: (...files) => noteDownloaded({ ...session(), nowMs }, ...files),
    }),
    ...createPreviewCalls({ session, remote, signal }),
    async restoreObject({ key, days, speed }) {
      assertKnown(session(), key);
      const order = { key, days: days ?? undefined, speed };
      const { restores, watchedRestores } = session();
      try {
        const on = { remote: remote(), restores, nowMs };
        return { readability: await restoreObject(on, order, signal) };
      } finally {
        watchedRestores.start();
      }
    },
    async deleteObject({ key }) {
      assertKnown(session(), key);
      const { engine: open, deletions, ...ledger } = session();
      const on = { ...ledger, removals: removalStore(ledger.database), queue: open?.queue };
      return deletions.run((ending) => removeObject(remote(), on, key, nowMs(), ending));
    },

    ...createLinkCalls({ ...context, remote }),
    async copyText({ text }) {
      if (!desktop.copyText) throw new AppError('not-supported', 'The browser copies by itself');
      await desktop.copyText(text);
      return {};
    },
    ...createDeletedCalls(session, remote, context),
    ...createHistoryCalls(session, desktop),

    ...createFolderCalls(context),
    ...createHandCalls(context, engine),
    ...createMigrationCalls(context),
  };
}

function missingSettings(): never {
  throw new AppError('settings-missing', 'The connection is not set up yet');
}
