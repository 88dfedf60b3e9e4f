/** @file The engine's events as lines: one JSON object for machines, one sentence for people. */
import { basename } from 'node:path';
import { catalogue, remedyOf, wordsOf, type Reason } from '#shared/troubles/catalogue.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { count, formatBytes, printable } from '#shared/format.ts';
import { isFirst, mayGoAsItIs } from '#shared/job.ts';
import type { EngineEvent } from '../engine/events.ts';
import { sentBytesOf } from '../engine/window/views.ts';
import type { Job } from '../engine/store/jobs.ts';
import type { Output } from './output.ts';

const SETTLING = {
  changing: 'waits until it stops changing',
  open: 'still open in its recorder',
  unfinished: 'still being recorded, or cut short: waits for its recorder',
  space: 'waits for disk space',
} as const;

const ANYWAY = 'pansea-sync upload-anyway';

/** A job as `jobs --json` shows it. */
export function jobView(job: Job) {
  const { id, path, key = null, sizeBytes, state } = job;
  return {
    id,
    path,
    state: state.kind,
    key,
    sizeBytes,
    sentBytes: sentBytesOf(job),
    attempts: 'attempts' in state ? state.attempts : 0,
    reason: reasonOf(job),
    detail: state.kind === 'held' ? state.detail : undefined,
    nextAttemptAt:
      'notBeforeMs' in state && state.notBeforeMs > 0
        ? new Date(state.notBeforeMs).toISOString()
        : undefined,
    isFirst: isFirst(state),
  };
}

/** Why a job is where it is, as a code; `undefined` when it simply takes its course. */
function reasonOf({ state }: Job): string | undefined {
  if (state.kind === 'held') return state.reason;
  if (state.kind === 'dropped') return state.why;
  return 'code' in state ? (state.code ?? undefined) : undefined;
}

/** Why, in words. */
export function reasonText(job: Job): string | undefined {
  const { state } = job;
  if (state.kind === 'held') {
    const way = mayGoAsItIs(state.reason) ? ` To upload it as it is: ${ANYWAY} ${job.id}` : '';
    return `${told(state.reason, state.detail)}${way}`;
  }
  if (state.kind === 'dropped') return DROPPED[state.why];
  if ('code' in state && state.code !== null) return told(state.code);
  return undefined;
}

const DROPPED = {
  cancelled: 'dismissed: it is not uploaded',
  superseded: 'a newer version of the file took its place',
  deleted: 'deleted in the storage',
} as const;

/** What happened, and what exactly, whether the recording is safe, what to do. */
function told(code: Reason, detail?: string): string {
  const { title } = wordsOf(code, 'cli');
  return `${[title, detail].filter(Boolean).join('. ')}. ${remedyOf(code, 'cli')}`;
}

const EVENTS = {
  queued: 'queued',
  uploading: 'progress',
  uploaded: 'uploaded',
  verifying: 'uploaded',
  verified: 'verified',
  held: 'held',
  failed: 'failed',
  dropped: 'dropped',
} as const;

const needsAttention: ReadonlySet<string> = new Set(['waiting', 'held', 'failed']);

const isScanners = (code: ErrorCode) => code === 'scan-failed' || code === 'scanner-missing';

type Line = (word: string, color: 'green' | 'red' | 'yellow' | 'dim', text: string) => string;
type EventOf<Type extends EngineEvent['type']> = Extract<EngineEvent, { type: Type }>;

/**
 * Says each event on stdout, and keeps the bar of a terminal.
 *
 * @param isPlanned Of what goes up there is a plan: one line a file says how it ended.
 */
export function presentEvents(output: Output, isPlanned = false): (event: EngineEvent) => void {
  const line: Line = (word, color, text) => `${output.style(color, word.padEnd(12))}${text}`;
  const onJob = presentJobs(output, line, isPlanned);
  const settling = new Map<string, string>();
  let trouble: ErrorCode | undefined;

  return (event) => {
    switch (event.type) {
      case 'job':
        settling.delete(event.job.path);
        return onJob(event.job);
      case 'settling': {
        const { path, why } = event;
        const isNew = settling.get(path) !== why;
        settling.set(path, why);
        return presentSettling(output, line, event, isNew);
      }
      case 'skipped':
        return presentSkipped(output, line, event);
      case 'folder':
        return presentFolder(output, line, event);
      case 'on-the-way': // What is printed may be kept: only what the storage has counts.
      case 'scanned':
      case 'ledger':
        return;
      case 'compared':
        return presentCompared(output, line, event);
      case 'disk':
        return presentDisk(output, line, event);
      case 'scanner':
        return presentScanner(output, line, event);
      case 'hook':
        return presentHook(output, line, event);
      case 'storage': {
        if (event.state === 'unasked') return;
        const isNew = trouble !== event.code;
        trouble = event.code;
        return presentStorage(output, line, event, isNew);
      }
    }
  };
}

function presentJobs(output: Output, line: Line, isPlanned: boolean): (job: Job) => void {
  const active = new Map<number, Job>();
  const said = new Map<number, string>();
  /** The key that it was to be sent to: a file that was only moved keeps the object of before, which has another. */
  const begun = new Map<number, string | undefined>();

  return (job) => {
    const { id, path, key, sizeBytes, state } = job;
    const code = 'code' in state ? (state.code ?? undefined) : undefined;
    if (state.kind === 'uploading') begun.set(id, key);
    const isMoved = state.kind === 'verifying' && begun.has(id) && begun.get(id) !== key;
    const isWaiting = state.kind === 'queued' && code !== undefined;
    const event = isWaiting ? 'waiting' : isMoved ? 'progress' : EVENTS[state.kind];
    if (state.kind === 'uploading' || state.kind === 'verifying') active.set(id, job);
    else active.delete(id);
    const isToSay = !isPlanned || event === 'verified' || needsAttention.has(event);
    const text = isToSay ? jobText(job, event, code, line) : undefined;
    // People hear of each stage once, however often it is tried; machines get every event.
    const isNew = text !== undefined && said.get(id) !== text;
    if (state.kind === 'verified' || state.kind === 'dropped')
      for (const known of [said, begun]) known.delete(id);
    else if (text !== undefined) said.set(id, text);
    const object = {
      event,
      path,
      state: state.kind,
      key,
      sentBytes: sentBytesOf(job),
      sizeBytes,
      code,
    };
    output.event(object, isNew ? text : undefined, needsAttention.has(event));
    // Asked with each event: of many small files it would cost as much as to print them.
    if (output.hasBar) output.progress(barOf([...active.values()]));
  };
}

type JobEventName = (typeof EVENTS)[keyof typeof EVENTS] | 'waiting';

function jobText(
  job: Job,
  event: JobEventName,
  code: ErrorCode | undefined,
  line: Line,
): string | undefined {
  // The whole path where somebody has to go and look; the name where things take their course.
  const name = printable(basename(job.path));
  const place = printable(job.path);
  return {
    queued: () => line('queued', 'dim', `${name} (${formatBytes(job.sizeBytes)})`),
    waiting: () =>
      // The storage's trouble is everybody's, and so is the scanner's: told as such.
      code === undefined || catalogue[code].scope === 'storage' || isScanners(code)
        ? undefined
        : line('waiting', 'yellow', `${place}: ${reasonText(job)}`),
    progress: () => undefined,
    uploaded: () => line('uploaded', 'dim', name),
    verified: () => line('verified', 'green', `${name} → ${job.key}`),
    held: () => line('held', 'yellow', `${place}: ${reasonText(job)}`),
    failed: () => line('failed', 'red', `${place}: ${reasonText(job)}`),
    dropped: () => undefined,
  }[event]();
}

function barOf(jobs: readonly Job[]): string {
  const total = jobs.reduce((sum, job) => sum + job.sizeBytes, 0);
  const sent = jobs.reduce((sum, job) => sum + sentBytesOf(job), 0);
  if (total === 0) return '';
  const filled = Math.round((20 * sent) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${formatBytes(sent)} of ${formatBytes(total)}, ${jobs.length} at a time`;
}

function presentSettling(
  output: Output,
  line: Line,
  { path, sizeBytes, why }: EventOf<'settling'>,
  isNew: boolean,
): void {
  const text = `${printable(path)} (${formatBytes(sizeBytes)}, ${SETTLING[why]})`;
  output.event(
    { event: 'found', path, state: 'settling', sizeBytes, why },
    isNew ? line('found', 'dim', text) : undefined,
  );
}

function presentSkipped(
  output: Output,
  line: Line,
  { path, reason, code }: EventOf<'skipped'>,
): void {
  const todo = code === undefined ? '' : `. ${wordsOf(code, 'cli').todo}`;
  const isUnreadable = code === 'file-unreadable';
  output.event(
    { event: 'skipped', path, state: 'skipped', reason, code },
    line('skipped', isUnreadable ? 'yellow' : 'dim', `${printable(path)}: ${reason}${todo}`),
    isUnreadable,
  );
}

function presentFolder(
  output: Output,
  line: Line,
  { path, state, detail = 'is not connected' }: EventOf<'folder'>,
): void {
  const isHere = state === 'watching';
  const text = isHere
    ? line('watching', 'dim', printable(path))
    : line('waiting', 'yellow', `${printable(path)} ${detail}; its recordings wait`);
  output.event({ event: 'folder', path, state }, text, !isHere);
}

/** People hear of it where somebody has to look. */
function presentCompared(output: Output, line: Line, event: EventOf<'compared'>): void {
  const { there, refuted, code } = event;
  const isMissed = refuted > 0;
  const state = code ? 'not-compared' : isMissed ? 'missed' : 'ok';
  const text = `${count(refuted, 'stored recording')} ${refuted === 1 ? 'is' : 'are'} missing or changed in the storage. Keep your files. Which: pansea-sync audit`;
  output.event(
    { event: 'compared', path: '', state, there, refuted, code },
    isMissed ? line('missing', 'red', text) : undefined,
    isMissed,
  );
}

function presentDisk(output: Output, line: Line, { isLow }: EventOf<'disk'>): void {
  const text = isLow
    ? line('waiting', 'yellow', told('disk-full'))
    : line('disk', 'green', 'has space again');
  output.event({ event: 'disk', path: '', state: isLow ? 'low' : 'ok' }, text, isLow);
}

function presentScanner(output: Output, line: Line, { code, detail }: EventOf<'scanner'>): void {
  const isWell = code === undefined;
  const text = isWell
    ? line('scanner', 'green', 'works again')
    : line('waiting', 'yellow', `${told(code)}${detail ? ` Details: ${detail}.` : ''}`);
  const state = isWell ? 'ok' : 'waiting';
  output.event({ event: 'scanner', path: '', state, code, detail }, text, !isWell);
}

function presentHook(output: Output, line: Line, { detail }: EventOf<'hook'>): void {
  const isWell = detail === undefined;
  const text = isWell
    ? line('hook', 'green', 'works again')
    : line('hook', 'yellow', `${detail}. Uploads go on; it is tried again with what comes next.`);
  output.event({ event: 'hook', path: '', state: isWell ? 'ok' : 'failed', detail }, text, !isWell);
}

function presentStorage(
  output: Output,
  line: Line,
  { state, code }: EventOf<'storage'>,
  isNew: boolean,
): void {
  const isBack = code === undefined;
  const text = isBack ? line('storage', 'green', 'is back') : line('waiting', 'yellow', told(code));
  output.event({ event: 'storage', path: '', state, code }, isNew ? text : undefined, !isBack);
}
