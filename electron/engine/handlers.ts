/** @file The calls of shared/api.ts, each a few lines over the open session. */
import type { Api, ApiEvent } from '#shared/api.ts';
import type { ConnectionCalls } from './connecting.ts';
import { AppError } from '#shared/errors.ts';
import { holds } from '#shared/holds.ts';
import { mayBeTriedAgain, type Hold, type JobKind } from '#shared/job.ts';
import { breach } from '#shared/limits.ts';
import { objectKeyFor } from '#shared/recording.ts';
import { refreshIndex } from './browse.ts';
import type { DiagnosticsCalls } from './diagnostics-calls.ts';
import { createDownloads } from './downloads.ts';
import { settleGone } from './gone.ts';
import { createHistoryCalls } from './history-calls.ts';
import { createIntake, destinationOf } from './intake.ts';
import { assertKnown, mustHead, opens, removeObject } from './objects.ts';
import { isConnected, scanFolder } from './scan.ts';
import type { Places } from './places.ts';
import { dismissRecovery } from './recovery.ts';
import { isSetFolder, mayFollow, mayLeave, type School } from './school.ts';
import { createLink } from './share.ts';
import {
  folderView,
  jobView,
  linkView,
  linksWith,
  objectDetails,
  objectView,
  ruleFrom,
  noteOf,
  troubleOf,
} from './views.ts';
import type { Desktop } from './desktop.ts';
import type { Session } from './session.ts';
import type { VirusScanCalls } from './virus/calls.ts';
import type { Folder } from './store/folders.ts';
import type { Job } from './store/jobs.ts';

export type HandlerContext = Readonly<{
  /** @throws AppError with what keeps the library from being open. */
  session: () => Session;
  status: () => ReturnType<Api['getStatus']>;
  /** Opens the library if it is not open. Never throws: the status has what is in the way. */
  openAgain: () => Promise<void>;
  desktop: Desktop;
  places: Places;
  connection: ConnectionCalls;
  virusScan: VirusScanCalls;
  diagnostics: DiagnosticsCalls;
  school: () => School;
  nowMs: () => number;
  monotonicMs: () => number;
  emit: (event: ApiEvent) => void;
  onUnexpected: (error: unknown) => void;
  /** Ends requests when the host ends. */
  signal: AbortSignal;
}>;

const KINDS = {
  active: ['uploading', 'verifying'],
  attention: ['failed', 'held'],
  waiting: ['queued', 'uploaded'],
  done: ['verified'],
  dismissed: ['dropped'],
} as const satisfies Record<string, readonly JobKind[]>;
/** How long a window waits for a disk's answer. */
const PRESENCE_MS = 2_000;
/** Files that a preview shows, and that it looks at. */
const PREVIEW_FILES = 50;
const PREVIEW_LOOKS = 5_000;

export function createHandlers(context: HandlerContext): Api {
  const { session, desktop, places, nowMs, signal } = context;
  const engine = () => session().engine ?? missingSettings();
  const remote = () => session().remote ?? missingSettings();

  const viewOf = async (folder: Folder) =>
    folderView(
      folder,
      await session().presence(folder, PRESENCE_MS),
      isSetFolder(context.school(), folder.path),
    );

  return {
    ...context.connection,
    ...context.virusScan,
    ...context.diagnostics,
    getStatus: context.status,

    async listJobs({ filter, offset, limit }) {
      const { jobs } = session();
      // What moves comes first, then what needs a person: nobody scrolls past 10,000 files to see it.
      const { dismissed: _, ...all } = KINDS;
      const groups = filter === 'all' ? Object.values(all) : [KINDS[filter]];
      const rows: Job[] = [];
      let total = 0;
      for (const kinds of groups) {
        const page = jobs.page(kinds, Math.max(0, offset - total), limit - rows.length);
        rows.push(...page.rows);
        total += page.total;
      }
      return { rows: rows.map((job) => jobView(job, jobs.isAway(job.folderId))), total };
    },
    async listCauses() {
      return session()
        .jobs.causes(KINDS.attention)
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
    async uploadAnyway(choice) {
      const released = session().decisions.uploadAnyway(choice);
      session().engine?.queue.pump();
      return { released };
    },
    async dismissJobs(choice) {
      return { dismissed: await session().decisions.dismiss(choice) };
    },
    async sendAgain(choice) {
      const sent = session().decisions.sendAgain(choice);
      session().engine?.queue.pump();
      return { sent };
    },
    async revealJob({ id }) {
      const job = session().jobs.get(id);
      if (job && desktop.revealFile) desktop.revealFile(job.path);
      return {};
    },
    async setPaused({ isPaused }) {
      engine().queue.setPaused(isPaused);
      return {};
    },
    async dismissRecovery() {
      dismissRecovery(session().database);
      return {};
    },
    getAudit: (input) => session().audits.getAudit(input),
    startAudit: (input) => session().audits.startAudit(input),
    cancelAudit: (input) => session().audits.cancelAudit(input),
    listAuditFindings: (input) => session().audits.listAuditFindings(input),
    async settleGone({ reason, isAgain }) {
      const { audits, jobs, links, objects } = session();
      const intake = createIntake(jobs, nowMs);
      const answer = await settleGone(
        { remote: remote(), jobs, intake, links, objects, nowMs },
        audits.keysOf(reason),
        reason,
        isAgain,
        signal,
      );
      audits.settled();
      session().engine?.queue.pump();
      return answer;
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
      return { rows: rows.map(objectView), total, indexedAtMs: objects.indexedAtMs() ?? null };
    },
    async refreshObjects() {
      const listed = await refreshIndex(remote(), session().objects, nowMs, signal);
      session().known?.allow('s3:ListBucket');
      return listed;
    },
    async getObject({ key }) {
      assertKnown(session(), key);
      const info = await mustHead(remote(), key, signal);
      return objectDetails(info, await opens(remote(), info, signal));
    },
    ...createDownloads({ ...context, remote, assertKnown: (key) => assertKnown(session(), key) }),
    async deleteObject({ key }) {
      assertKnown(session(), key);
      return removeObject(remote(), session(), key, nowMs(), signal);
    },

    async createLink(request) {
      const { links } = session();
      assertKnown(session(), request.key);
      const { url, link, because } = await createLink(
        { remote: remote(), links, nowMs },
        request,
        signal,
      );
      return { url, because, link: linkView(link, nowMs()) };
    },
    async listLinks({ filter, words, offset, limit }) {
      const views = session()
        .links.list()
        .map((link) => linkView(link, nowMs()));
      const all = linksWith(views, words);
      const live = all.filter(({ state }) => state === 'live');
      const by = { all, live, ended: all.filter(({ state }) => state !== 'live') };
      const rows = by[filter];
      return {
        rows: rows.slice(offset, offset + limit),
        total: rows.length,
        counts: { all: all.length, live: live.length, ended: by.ended.length },
      };
    },
    async copyText({ text }) {
      if (!desktop.copyText) throw new AppError('not-supported', 'The browser copies by itself');
      await desktop.copyText(text);
      return {};
    },
    ...createHistoryCalls(session, desktop),

    listFolders: () => Promise.all(session().folders.list().map(viewOf)),
    async chooseFolder() {
      const path = await desktop.chooseFolder?.();
      if (path !== undefined) places.show(path);
      return { path: path ?? null };
    },
    async previewFolder({ path, rule }) {
      await places.assertShown(path);
      if (!(await isConnected(path)))
        throw new AppError('bad-folder', `${path}: there is no such folder`);
      const folder: Folder = { id: 0, path, rule: ruleFrom(rule), addedAtMs: 0 };
      const to = destinationOf(folder.rule);
      const files: Awaited<ReturnType<Api['previewFolder']>>['files'] = [];
      const skipped: { name: string; reason: string }[] = [];
      let total = 0;
      for await (const found of scanFolder(folder, signal)) {
        const name = (found.kind === 'file' ? found.sighting.path : found.path).slice(
          path.length + 1,
        );
        if (found.kind === 'skipped') {
          if (skipped.length < PREVIEW_FILES) skipped.push({ name, reason: found.reason });
          continue;
        }
        total += 1;
        const { sizeBytes } = found.sighting;
        if (files.length < PREVIEW_FILES)
          files.push({
            name,
            sizeBytes,
            key: to ? objectKeyFor(to, '{uuid}', name) : null,
            kept: keptText(breach(folder.rule, { name, sizeBytes })),
          });
        if (total >= PREVIEW_LOOKS) break;
      }
      return { files, skipped, total };
    },
    async saveFolder({ path, rule }) {
      mayFollow(context.school(), path, ruleFrom(rule));
      await places.assertShown(path);
      return viewOf(await session().saveFolder(path, ruleFrom(rule)));
    },
    async removeFolder({ id }) {
      const folder = session()
        .folders.list()
        .find((known) => known.id === id);
      if (!folder) return {};
      mayLeave(context.school(), folder.path);
      session().folders.remove(folder.path);
      return {};
    },
  };
}

/** What a preview says of a file that its folder's limits keep. */
function keptText(hold: Hold | undefined): string | null {
  return hold === undefined ? null : [holds[hold.reason].title, hold.detail].join('. ');
}

function missingSettings(): never {
  throw new AppError('settings-missing', 'The connection is not set up yet');
}
