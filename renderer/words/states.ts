/** @file What a job is doing, in words. */
import { slowTexts, type SlowReason } from '#shared/corrections.ts';
import type { JobView, StatusView } from '#shared/api.ts';
import { assertNever } from '#shared/assert.ts';
import { formatBytes } from '#shared/format.ts';
import type { JobKind } from '#shared/job.ts';
import { formatSpan, roughSpan } from './time.ts';
import { isOfStorage, tellJob } from './troubles.ts';

/** `waiting` is not trouble: it is grey, with a clock. */
export type Tone = 'moving' | 'checking' | 'waiting' | 'help' | 'done' | 'aside';

type StateWords = Readonly<{ tone: Tone; words: string; more: string | null }>;

/** What keeps all that waits: a person, a timetable or the battery · trouble of the storage, told above the list. */
export type Standstill = 'paused' | 'trouble' | null;

export function stateWords(job: JobView, standstill: Standstill): StateWords {
  const kind = job.state as JobKind; // The contract has the same list, as strings.
  const trouble = job.trouble === null ? null : tellJob(job.trouble).title;
  const more = [trouble, job.note].filter(Boolean).join('. ') || null;
  switch (kind) {
    case 'held':
      return { tone: 'help', words: 'Needs you', more };
    case 'queued':
      return { tone: 'waiting', words: waitWords(job, standstill), more: withKept(job, more) };
    case 'uploading':
      // It is read, and scanned where that is set, before anything of it is sent.
      return { tone: 'moving', words: goneBytes(job) === 0 ? 'Starting' : 'Uploading', more: null };
    case 'uploaded':
      return { tone: 'waiting', words: 'Stored, waits to be checked', more };
    case 'verifying':
      return { tone: 'checking', words: 'Being checked', more: null };
    case 'verified':
      return { tone: 'done', words: 'Stored and checked', more };
    case 'failed':
      return { tone: 'help', words: 'Needs you', more };
    case 'dropped':
      // By a person, or downloaded from the storage: what is said is true of both.
      return { tone: 'aside', words: 'Not uploaded', more: 'Goes up only if you send it again' };
    default:
      return assertNever(kind);
  }
}

/** Without what keeps all of them waiting, which is told above the list: a narrow column has room for little. */
export function withOwnTrouble(job: JobView, standstill: Standstill): JobView {
  const { state, trouble } = job;
  const isShared = trouble !== null && isOfStorage(trouble);
  if (standstill === null || state === 'failed' || !isShared) return job;
  return { ...job, trouble: null, nextAttemptAtMs: null };
}

/** Of which the last ones may have to be sent again: on a slow line nobody is to wait minutes to see that it goes on. */
export const goneBytes = ({ sentBytes, onTheWayBytes }: JobView): number =>
  sentBytes + onTheWayBytes;

function waitWords({ isFirst, trouble, note }: JobView, standstill: Standstill): string {
  if (standstill === 'paused') return isFirst ? 'Paused, goes first' : 'Paused';
  if (isFirst) return 'Goes first';
  if (standstill === 'trouble' && trouble === null && !note) return 'Waits for the storage';
  return trouble === null && !note ? 'Waits for its turn' : 'Waits';
}

/** What was sent before an interruption is not lost. */
function withKept({ sentBytes, sizeBytes }: JobView, more: string | null): string | null {
  if (sentBytes === 0) return more;
  const kept = `Goes on at ${percentOf(sentBytes, sizeBytes)} %`;
  return more === null ? kept : `${more}. ${kept}`;
}

const percentOf = (sentBytes: number, sizeBytes: number): number =>
  Math.floor((sentBytes / sizeBytes) * 100);

/** `1.2 GB so far, watched for 14 min`. */
export function settlingWords({ why, sizeBytes, forMs }: StatusView['settling'][number]): string {
  const size = `${formatBytes(sizeBytes)} so far`;
  switch (why) {
    case 'changing':
      return `${size}, watched for ${formatSpan(forMs)}`;
    case 'open':
      return `${size}, open in its recorder, watched for ${formatSpan(forMs)}`;
    case 'unfinished':
      return `${size}, paused or cut short`;
    case 'space':
      return formatBytes(sizeBytes);
    default:
      return assertNever(why);
  }
}

/** `412 MB of 1.2 GB, 34 %`. */
export function progressWords(sentBytes: number, sizeBytes: number): string {
  if (sentBytes === 0) return `0 of ${formatBytes(sizeBytes)}`;
  return `${formatBytes(sentBytes)} of ${formatBytes(sizeBytes)}, ${percentOf(sentBytes, sizeBytes)} %`;
}

/** `4.1 to 5.2 MB a second, 12 to 15 min to go`: what is uncertain is said as a range, what hardly is as one value. */
export function paceWords({ bytesPerSecond, leftMs }: NonNullable<StatusView['pace']>): string {
  const speed = rangeWords(bytesPerSecond, formatBytes);
  const left = leftMs.most < 60_000 ? 'less than a minute' : rangeWords(leftMs, roughSpan);
  return `${speed} a second, ${left} to go`;
}

/** `slower for now: the storage asked us to slow down`. */
export function slowWords(why: SlowReason): string {
  const text = slowTexts[why];
  return `slower for now: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/** Two ends so close together that a person would do nothing else at the one than at the other. */
const CLOSE = 1.25;

function rangeWords(
  { least, most }: Readonly<{ least: number; most: number }>,
  format: (value: number) => string,
): string {
  const [from, to] = [format(least), format(most)];
  if (from === to || most <= least * CLOSE) return `about ${format((least + most) / 2)}`;
  const [number, unit] = from.split(' ');
  return to === `${to.split(' ')[0]} ${unit}` ? `${number} to ${to}` : `${from} to ${to}`;
}

const groups = {
  active: ['uploading', 'verifying'],
  waiting: ['queued', 'uploaded'],
  attention: ['failed', 'held'],
  done: ['verified'],
} as const satisfies Record<string, readonly JobKind[]>;

/** How many jobs each tab holds, from the counts by state. */
export function tabCounts(counts: Readonly<Record<string, number>>) {
  const sum = (kinds: readonly string[]) =>
    kinds.reduce((total, kind) => total + (counts[kind] ?? 0), 0);
  return {
    all: sum(Object.values(groups).flat()),
    active: sum(groups.active),
    waiting: sum(groups.waiting),
    attention: sum(groups.attention),
    done: sum(groups.done),
    skipped: counts['skipped'] ?? 0,
    dismissed: counts['dismissed'] ?? 0,
  };
}
