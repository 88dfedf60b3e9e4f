/** @file Disk, ledger and bucket compared, file by file, in bounded memory: the global oracle, as a feature. */
import { lstat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import pLimit from 'p-limit';
import { type AuditLevel, type AuditReason } from '#shared/audit.ts';
import { AppError } from '#shared/errors.ts';
import { judge } from '#shared/evidence.ts';
import { ask, Silence } from '../files/disks.ts';
import { saysGone } from '../files/file-errors.ts';
import { rehash } from './rehash.ts';
import { isConnected, scanFolder } from '../watch/scan.ts';
import { lookTwice, verifyObject } from '../upload/verify.ts';
import { PAGE_KEYS, type ListedObject, type Remote } from '../s3/remote.ts';
import { auditStore, type Finding } from '../store/audits.ts';
import { folderStore, type Folder } from '../store/folders.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import type { Database } from 'better-sqlite3';

const PAGE = 1_000;
const LOOKS_IN_FLIGHT = 16;

export type AuditContext = Readonly<{
  database: Database;
  jobs: JobStore;
  folders: readonly Folder[];
  remote: Remote;
  /** Nobody asked for it: it clears nothing of a file here, and reads nothing back. */
  isByItself?: boolean;
}>;
type Pair = Readonly<{ job?: Job | undefined; listed?: ListedObject | undefined }>;

/**
 * Looks at everything once. It changes nothing, may run beside uploads, and holds a page of each side. What was found
 * to be wrong in the bucket is cleared by no lesser look, and by none that could not be made.
 *
 * @throws AppError with the storage's trouble, `list-denied` when it refuses its listing: what cannot be
 *   listed is never "missing".
 */
export async function* audit(
  context: AuditContext,
  level: AuditLevel,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const there = await connections(context);
  const known = { there, doubts: doubtsOf(context.database) };
  const look = pLimit(LOOKS_IN_FLIGHT);
  const judged = (pairs: Pair[]) =>
    Promise.all(pairs.map((pair) => look(judgePair, context, known, pair, level, signal)));
  for await (const pairs of pagesOf(joined(context, signal))) {
    signal.throwIfAborted();
    yield* (await judged(pairs)).filter((finding) => finding !== undefined);
  }
  yield* strangers(context, there, signal);
}

type Connections = ReadonlyMap<number, boolean>;

async function connections({ database, folders }: AuditContext): Promise<Connections> {
  const store = folderStore(database, Date.now);
  const looked = folders.map(
    async ({ id, path }) => [id, await isConnected(path, store.identity(id)?.device)] as const,
  );
  return new Map(await Promise.all(looked));
}

type Doubts = ReturnType<typeof doubtsOf>;

/** What is held against objects until now. Few differ; of a bucket that was emptied all may be missing. */
function doubtsOf(database: Database) {
  const { keysOf, pathsOf } = auditStore(database);
  const differing = new Set(keysOf('differs-in-bucket'));
  let missing: Set<string> | undefined;
  let here: Map<string, Here> | undefined;
  return {
    foundHere(path: string): Here | undefined {
      const all = (reason: Parameters<typeof pathsOf>[0], as: Here) =>
        pathsOf(reason).map((of) => [of, as] as const);
      here ??= new Map([...all('changed-on-disk', 'changed'), ...all('unreadable', 'unreadable')]);
      return here.get(path);
    },
    wasWrong: (key: string) => differing.has(key),
    wasMissing(key: string) {
      missing ??= new Set([...keysOf('missing-in-bucket'), ...keysOf('missing-everywhere')]);
      return missing.has(key);
    },
  };
}

/** The ledger's keys and the bucket's, both in binary order, side by side; then the jobs without a key. */
async function* joined(
  { database, remote }: AuditContext,
  signal: AbortSignal,
): AsyncGenerator<Pair> {
  const store = auditStore(database);
  const listing = listAll(remote, signal);
  let listed = await listing.next();
  for (const job of store.jobsWithKey()) {
    while (!listed.done && isBefore(listed.value.key, job.key!)) {
      yield { listed: listed.value };
      listed = await listing.next();
    }
    const isSame = !listed.done && listed.value.key === job.key;
    yield { job, listed: isSame ? listed.value : undefined };
    if (isSame) listed = await listing.next();
  }
  for (; !listed.done; listed = await listing.next()) yield { listed: listed.value };
  for (const job of store.jobsWithoutKey()) yield { job };
}

async function* listAll(
  remote: Remote,
  signal: AbortSignal,
): AsyncGenerator<ListedObject, undefined> {
  let next: string | undefined;
  do {
    const page = await remote.list('', PAGE_KEYS, next, signal);
    yield* page.objects;
    next = page.next;
  } while (next !== undefined);
  return undefined;
}

/** S3 and SQLite order by the bytes of UTF-8, JavaScript by UTF-16. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

async function* pagesOf(pairs: AsyncGenerator<Pair>): AsyncGenerator<Pair[]> {
  let page: Pair[] = [];
  for await (const pair of pairs) {
    if (page.push(pair) < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

async function judgePair(
  context: AuditContext,
  { there, doubts }: Readonly<{ there: Connections; doubts: Doubts }>,
  { job, listed }: Pair,
  level: AuditLevel,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  if (job === undefined)
    return { reason: 'only-in-bucket', key: listed!.key, sizeBytes: listed!.sizeBytes };
  const { path, name, sizeBytes, state } = job;
  const key = job.key ?? ('sameAs' in state ? state.sameAs : undefined);
  const facts = { path, key, name, sizeBytes };
  if (state.kind === 'dropped')
    return listed && { ...facts, reason: 'only-in-bucket', path: undefined };
  const isStored =
    ['uploaded', 'verifying', 'verified'].includes(state.kind) ||
    (state.kind === 'failed' && state.stored);
  const seen = await lookHere(context, there, job, level, signal);
  const local = (context.isByItself && seen === 'same' && doubts.foundHere(path)) || seen;
  if (!isStored || key === undefined) {
    if (local === 'same' || local === 'changed') return { ...facts, reason: 'not-uploaded' };
    return { ...facts, reason: local === 'gone' ? 'missing-everywhere' : local };
  }
  const found = (remote: There) => combine(remote, local, () => hasNewer(context, job));
  const wasWrong = doubts.wasWrong(key);
  const asked = wasWrong && !context.isByItself ? 'full' : level;
  try {
    const known = { listed, wasMissing: doubts.wasMissing(key) };
    const remote = await lookThere(context.remote, { ...job, key }, known, asked, signal);
    const isStillWrong = wasWrong && context.isByItself && remote === 'same';
    return { ...facts, reason: found(isStillWrong ? 'differs' : remote) };
  } catch (error) {
    if (!(error instanceof AppError) || error.scope === 'storage') throw error;
    if (wasWrong) return { ...facts, reason: found('differs') };
    if (!listed && doubts.wasMissing(key)) return { ...facts, reason: found('missing') };
    if (error.code === 'archived-unchecked') return { ...facts, reason: 'archived' };
    return { ...facts, reason: 'unreadable', detail: error.title };
  }
}

type Here = 'same' | 'changed' | 'gone' | 'unreadable' | 'not-connected';
type There = 'same' | 'differs' | 'missing';

function combine(remote: There, local: Here, newer: () => boolean): AuditReason {
  if (remote === 'missing') return local === 'gone' ? 'missing-everywhere' : 'missing-in-bucket';
  if (remote === 'differs') return 'differs-in-bucket';
  if (local === 'same') return 'equal';
  if (local === 'gone') return 'missing-on-disk';
  if (local === 'changed') return newer() ? 'older-version' : 'changed-on-disk';
  return local;
}

/** Whether the file that is at the path now is another job's. */
function hasNewer({ jobs }: AuditContext, { id, path }: Job): boolean {
  return jobs.ofPath(path).some((other) => other.id > id);
}

/**
 * A listing shows a moment that may be over: only the storage's own "no such object" makes one missing, said twice
 * where nothing was known of that.
 */
async function lookThere(
  remote: Remote,
  job: Job & { key: string },
  { listed, wasMissing }: Readonly<{ listed: ListedObject | undefined; wasMissing: boolean }>,
  level: AuditLevel,
  signal: AbortSignal,
): Promise<There> {
  if (level === 'list' && listed) return listed.sizeBytes === job.sizeBytes ? 'same' : 'differs';
  const info = await (wasMissing
    ? remote.head(job.key, signal)
    : lookTwice(remote, job.key, signal));
  if (info === undefined) return 'missing';
  const { token, fingerprint, sizeBytes } = job;
  const verdict = judge(
    { sizeBytes, uploadToken: token, crc32: fingerprint?.crc32 ?? -1 },
    {
      sizeBytes: info.sizeBytes,
      uploadToken: info.metadata['upload_token'],
      crc32: fingerprint && info.crc32,
    },
  );
  if (verdict === 'read-back-needed' && level === 'full' && fingerprint)
    return readBack(remote, { key: job.key, token, fingerprint }, signal);
  return verdict === 'verified' || verdict === 'read-back-needed' ? 'same' : 'differs';
}

async function readBack(
  remote: Remote,
  sent: Parameters<typeof verifyObject>[1],
  signal: AbortSignal,
): Promise<There> {
  try {
    await verifyObject(remote, sent, signal);
    return 'same';
  } catch (error) {
    if (error instanceof AppError && error.code === 'damaged-copy') return 'differs';
    throw error;
  }
}

async function lookHere(
  { folders }: AuditContext,
  there: Connections,
  job: Job,
  level: AuditLevel,
  signal: AbortSignal,
): Promise<Here> {
  const folder = folders.find(({ id }) => id === job.folderId);
  if (folder && there.get(folder.id) !== true) return 'not-connected';
  try {
    const look = () => lstat(job.path, { bigint: true });
    const { size, mtimeNs } = await ask(job.file?.device ?? job.path, look);
    if (Number(size) !== job.sizeBytes || String(mtimeNs) !== job.mtimeNs) return 'changed';
  } catch (error) {
    if (error instanceof Silence) return 'not-connected';
    if (!saysGone(error)) return 'unreadable';
    // Sent by hand: nobody says which drive it was on.
    return folder || (await isConnected(dirname(job.path), job.file?.device))
      ? 'gone'
      : 'not-connected';
  }
  if (level !== 'full' || job.fingerprint === undefined || job.sizeBytes === 0) return 'same';
  try {
    return (await rehash(job, signal)) === job.fingerprint.sha256 ? 'same' : 'changed';
  } catch (error) {
    if (signal.aborted) throw error;
    return error instanceof AppError && error.code === 'file-changed' ? 'changed' : 'unreadable';
  }
}

/** What is on the disk and in no row, and what cannot be looked at. */
async function* strangers(
  { folders, jobs }: AuditContext,
  there: Connections,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  for (const folder of folders) {
    if (there.get(folder.id) !== true) {
      yield { reason: 'not-connected', path: folder.path };
      continue;
    }
    try {
      for await (const found of scanFolder(folder, signal)) {
        if (found.kind === 'skipped') {
          if (found.code === 'file-unreadable')
            yield { reason: 'unreadable', path: found.path, detail: found.reason };
          continue;
        }
        const { path, sizeBytes } = found.sighting;
        // A newer version of what is known was told with the known one.
        const isKnown =
          jobs.ofVersion(found.sighting).length > 0 ||
          jobs.ofPath(path).some(({ state }) => state.kind !== 'dropped');
        if (!isKnown) yield { reason: 'not-in-ledger', path, sizeBytes, name: basename(path) };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = (await isConnected(folder.path)) ? 'unreadable' : 'not-connected';
      yield { reason, path: folder.path };
    }
  }
}
