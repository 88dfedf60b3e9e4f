/**
 * @file The contract between a window and the engine: every call with what goes in and what comes out,
 * and every event. Everything that crosses a process border is parsed here and nowhere else.
 */
import { z } from 'zod';
import { connectionCalls } from './api/connection.ts';
import { costCalls } from './api/cost.ts';
import { auditView, ledgerCalls } from './api/ledger.ts';
import { AppError, errorCodes } from './errors.ts';
import { limits } from './limits.ts';
import { migrationListCalls } from './api/migration-lists.ts';
import { migrationCalls, workView } from './api/migration-view.ts';
import {
  jobTrouble,
  jobView,
  paceView,
  pauseView,
  queueCalls,
  queueFilters,
  settlingView,
} from './api/queue-view.ts';
import { destinationKinds, pathId } from './recording.ts';
import { schoolView } from './school.ts';
import { slowReasons } from './corrections.ts';
import { deletedCalls } from './api/deleted.ts';
import { diagnosticsCalls } from './api/diagnostics.ts';
import { historyCalls } from './api/history.ts';
import { uploadLimitCalls } from './upload-limit.ts';
import { folderPreview } from './api/folder-preview.ts';
import { previewCalls } from './api/preview.ts';
import { virusScanCalls } from './virus-scan.ts';
import { storageClasses } from './storage-class.ts';
import {
  restoreObject,
  downloadView,
  key,
  linkCalls,
  ms,
  objectDetails,
  objectView,
  page,
  trouble,
} from './api/stored.ts';

export type JobTrouble = z.output<typeof jobTrouble>;
export type JobView = z.output<typeof jobView>;

const statusView = z.object({
  version: z.string(),
  /** `demo`: storage on this computer · `ready` · `no-settings` · `broken`: `trouble` says why. */
  mode: z.enum(['demo', 'ready', 'no-settings', 'broken']),
  bucket: z.string().nullable(),
  endpoint: z.string().nullable(),
  safeToLeave: z.boolean(),
  /** No folder is followed and no file was ever taken in: neither safe nor unsafe. */
  isUnused: z.boolean(),
  reason: z.string(),
  /** What becomes of the recordings if the lid is closed now, and what to do; empty where nothing is left. */
  ifLeft: z.string(),
  /** Files that only a person can bring on, and stored recordings that an audit has missed. */
  needYou: z.int(),
  /** Of these, stored ones that an audit did not find in the storage as they were sent. */
  refuted: z.int(),
  /** Folders that are followed and cannot be looked into now. */
  notConnected: z.int(),
  /** Links that whoever made them is reminded of: they end within a day. */
  linksEnding: z.int(),
  /** When the last of these ends; null when there is none. */
  linksEndingLastMs: ms.nullable(),
  /** Archived recordings that came to be readable since the start, as somebody here had asked for; the name of the last. */
  restored: z.object({ files: z.int(), name: z.string() }).nullable(),
  counts: z.record(z.string(), z.int()),
  bytesLeft: z.int(),
  pace: paceView.nullable(),
  /** Why it is less than it could be. */
  slowed: z.enum(slowReasons).nullable(),
  /** What all uploads together are held to, in megabits a second. */
  uploadLimit: z.number().nullable(),
  ...pauseView,
  /** `detail` names the setting or the path, and no secret. */
  trouble: trouble.extend({ detail: z.string().nullable(), nextTryAtMs: ms.nullable() }).nullable(),
  /** What has to be said for as long as it is so, such as certificates that nobody checks: a line for each. */
  warning: z.string().nullable(),
  /** That uploads have stood for days, while files wait; in `warning`, too. */
  overdue: z.string().nullable(),
  settling: z.array(settlingView),
  /** What happened to the list of recordings, in words, until a person has read it. */
  recovery: z.string().nullable(),
  /** What the school has set for this computer; null when nothing. */
  school: schoolView.nullable(),
  /** What this host can do beside the engine. */
  can: z.object({ reveal: z.boolean(), chooseFolder: z.boolean() }),
});
export type StatusView = z.output<typeof statusView>;

const ruleInput = z.object({
  kind: z.enum(destinationKinds),
  classId: pathId.nullable(),
  userId: pathId,
  include: z.array(z.string().max(200)).max(50),
  exclude: z.array(z.string().max(200)).max(50),
  ...limits.shape,
  /** Left out for the storage's usual one. */
  storageClass: z.enum(storageClasses).optional(),
});
export type RuleInput = z.output<typeof ruleInput>;

const folderView = z.object({
  id: z.int(),
  path: z.string(),
  rule: ruleInput,
  /** `other`: another folder or disk is in its place · `silent`: it does not answer. */
  state: z.enum(['connected', 'not-connected', 'other', 'silent']),
  /** Neither its rule nor that it is followed can be changed here. */
  isSetBySchool: z.boolean(),
});
export type FolderView = z.output<typeof folderView>;

const none = z.object({});
const folderPath = z.string().min(1).max(4_096);

/** Every call: what goes in, and what comes out. */
export const api = {
  ...connectionCalls,
  ...ledgerCalls,
  ...virusScanCalls,
  ...uploadLimitCalls,
  ...diagnosticsCalls,
  ...historyCalls,
  ...linkCalls,
  ...previewCalls,
  ...deletedCalls,
  ...costCalls,
  ...migrationCalls,
  ...migrationListCalls,
  getStatus: { input: none, output: statusView },
  listJobs: {
    input: z.object({ filter: z.enum(queueFilters), ...page }),
    output: z.object({ rows: z.array(jobView), total: z.int() }),
  },
  /** What needs a person, once for each cause: how many files, and the newest of them by name. */
  listCauses: {
    input: none,
    output: z.array(
      jobTrouble.extend({
        files: z.int(),
        name: z.string(),
        /** Of one file: where it was, when it is gone. */
        note: z.string().nullable(),
        canRetry: z.boolean(),
      }),
    ),
  },
  ...queueCalls,
  tryStorageNow: { input: none, output: none },
  /** Where something kept the library from being opened: tries it again. The status says how it went. */
  openAgain: { input: none, output: none },

  listOwners: {
    input: none,
    output: z.array(
      z.object({
        kind: z.enum(destinationKinds).nullable(),
        ownerId: z.string().nullable(),
        objects: z.int(),
        sizeBytes: z.int(),
      }),
    ),
  },
  listObjects: {
    input: z.object({
      /** Of one class or user, or with nulls in it what others stored; null for all of it. Words look into all. */
      owner: z
        .object({ kind: z.enum(destinationKinds).nullable(), ownerId: z.string().nullable() })
        .nullable(),
      words: z.string().max(200),
      ...page,
    }),
    output: z.object({ rows: z.array(objectView), total: z.int(), indexedAtMs: ms.nullable() }),
  },
  refreshObjects: { input: none, output: z.object({ unnamed: z.int() }) },
  /** The next names that only the storage knows; called again while it learns some and others are left. */
  learnNames: { input: none, output: z.object({ learned: z.int(), unnamed: z.int() }) },
  getObject: { input: z.object({ key }), output: objectDetails },
  /** Whether an archived object can be read by now, whoever had asked for that; for the rows that are on the screen. */
  getShelf: { input: z.object({ key }), output: objectView.pick({ shelf: true }) },
  /** Null when the person closed the dialog. How it goes on is told by events. */
  startDownload: {
    input: z.object({ key }),
    output: z.object({ download: downloadView.nullable() }),
  },
  /** Those on their way, and those that have ended until they are cleared. */
  listDownloads: { input: none, output: z.array(downloadView) },
  cancelDownload: { input: z.object({ id: z.int() }), output: none },
  revealDownload: { input: z.object({ id: z.int() }), output: none },
  clearDownloads: { input: none, output: none },
  restoreObject,
  deleteObject: { input: z.object({ key }), output: z.object({ recoverable: z.boolean() }) },

  copyText: { input: z.object({ text: z.string().max(8_192) }), output: none },

  listFolders: { input: none, output: z.array(folderView) },
  /** Null when the person closed the dialog. */
  chooseFolder: { input: none, output: z.object({ path: z.string().nullable() }) },
  /** The first files and the keys that they would get. */
  previewFolder: {
    input: z.object({ path: folderPath, rule: ruleInput }),
    output: folderPreview,
  },
  saveFolder: { input: z.object({ path: folderPath, rule: ruleInput }), output: folderView },
  removeFolder: { input: z.object({ id: z.int() }), output: none },
} as const;

/** What the engine pushes, at most ten a second for each job, each download, the audit and the migration. */
export const apiEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job: jobView }),
  z.object({ type: z.literal('download'), download: downloadView }),
  z.object({ type: z.literal('audit'), audit: auditView }),
  /** Null: nothing is done with the archive any more; ask how it is. */
  z.object({ type: z.literal('migration'), working: workView.nullable() }),
  /** Something else changed: ask for the status again. */
  z.object({ type: z.literal('status') }),
]);
export type ApiEvent = z.output<typeof apiEvent>;

/** What an event is about. Where events are gathered, a later one about the same takes an earlier one's place. */
export function subjectOf(event: ApiEvent): string {
  if (event.type === 'job') return `job ${event.job.id}`;
  if (event.type === 'download') return `download ${event.download.id}`;
  return event.type;
}

export type ApiName = keyof typeof api;
export type ApiInput<N extends ApiName> = z.output<(typeof api)[N]['input']>;
export type ApiOutput<N extends ApiName> = z.output<(typeof api)[N]['output']>;
export type Api = { [N in ApiName]: (input: ApiInput<N>) => Promise<ApiOutput<N>> };

const reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: z.enum(errorCodes),
    detail: z.string(),
    /** The storage's number for what it refused. */
    requestId: z.string().optional(),
  }),
]);
export type Reply = z.output<typeof reply>;

/** Serves `handlers` to untrusted callers. Unknown names and malformed input never reach a handler; failures travel as data. */
export function createServer(handlers: Api, onUnexpected: (error: unknown) => void) {
  return async (name: unknown, input: unknown): Promise<Reply> => {
    try {
      if (typeof name !== 'string' || !Object.hasOwn(api, name))
        throw new AppError('usage', 'There is no such call');
      const endpoint = api[name as ApiName];
      const parsed = endpoint.input.safeParse(input);
      if (!parsed.success) throw new AppError('usage', `${name}: ${z.prettifyError(parsed.error)}`);
      const handler = handlers[name as ApiName] as (input: unknown) => Promise<unknown>;
      return { ok: true, value: endpoint.output.parse(await handler(parsed.data)) };
    } catch (error) {
      if (error instanceof AppError) return { ok: false, ...told(error) };
      onUnexpected(error);
      return { ok: false, code: 'unexpected', detail: 'The log has the details' };
    }
  };
}

const told = ({ code, message: detail, requestId }: AppError) => ({
  code,
  detail,
  ...(requestId === undefined ? {} : { requestId }),
});

/** The other end: each call of `Api` over any transport. */
export function createClient(send: (name: ApiName, input: unknown) => Promise<unknown>): Api {
  const call = async (name: ApiName, input: unknown): Promise<unknown> => {
    const answer = reply.parse(await send(name, input));
    if (!answer.ok) throw new AppError(answer.code, answer.detail, { requestId: answer.requestId });
    return api[name].output.parse(answer.value);
  };
  const names = Object.keys(api) as ApiName[];
  // Each entry's type follows from its name, which the compiler cannot see through `fromEntries`.
  return Object.fromEntries(
    names.map((name) => [name, (input: unknown) => call(name, input)]),
  ) as unknown as Api;
}
