/** @file A job is the upload of one version of one recording. Its state is a union, moved by one pure function. */
import { z } from 'zod';
import { assertNever } from './assert.ts';
import { catalogue } from './troubles/catalogue.ts';
import { errorCodes, type ErrorCode } from './errors.ts';

/** An open multipart upload. `partBytes` is stored, never recomputed, so that a resume cuts the file alike. */
const openUpload = z.object({ id: z.string(), partBytes: z.int().positive() });
export type OpenUpload = z.infer<typeof openUpload>;

/** Why a recording waits for a person although nothing went wrong. */
export const holdReasons = [
  'needs-class',
  'empty',
  'unfinished',
  'unconverted',
  'wrong-type',
  'not-taken',
  'over-limit',
  'under-limit',
  'infected',
] as const;
export type HoldReason = (typeof holdReasons)[number];

/** Whether a person may say that it goes up as it is. Nobody overrules a virus scanner: it is asked again. */
export const mayGoAsItIs = (reason: HoldReason): boolean =>
  reason !== 'needs-class' && reason !== 'infected';

/** `detail`: what exactly, in words, such as the limit that a file is over. */
const hold = z.object({ reason: z.enum(holdReasons), detail: z.string().optional() });
export type Hold = Readonly<z.infer<typeof hold>>;

/**
 * How "verified" was proven: by the storage's full-object checksum, by reading the object back, or by
 * equal bytes in an object that was verified for another file (`sameAs`, its key).
 */
const proofs = ['checksum', 'read-back', 'same-bytes'] as const;

const attemptCount = z.int().min(0);
/** `detail`, for support: what exactly happened last, and the storage's number for that request. */
const lastFailure = { code: z.enum(errorCodes).nullable(), detail: z.string().optional() };
type Failure<Code = ErrorCode> = Readonly<{ code: Code; detail?: string | undefined }>;

export const jobState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('held'), ...hold.shape }),
  z.object({
    kind: z.literal('queued'),
    attempts: attemptCount,
    notBeforeMs: z.int(),
    ...lastFailure,
    upload: openUpload.nullable(),
  }),
  z.object({
    kind: z.literal('uploading'),
    attempts: attemptCount,
    upload: openUpload.nullable(),
    sentBytes: z.int().min(0),
    /** The turn that it was put on; see `first`. */
    turnMs: z.int().negative().optional(),
  }),
  /** Stored, but not yet shown to equal the file. */
  z.object({
    kind: z.literal('uploaded'),
    attempts: attemptCount,
    notBeforeMs: z.int(),
    ...lastFailure,
  }),
  z.object({ kind: z.literal('verifying'), attempts: attemptCount }),
  z.object({
    kind: z.literal('verified'),
    proof: z.enum(proofs),
    verifiedAtMs: z.int(),
    sameAs: z.string().optional(),
  }),
  z.object({
    kind: z.literal('failed'),
    attempts: attemptCount,
    ...lastFailure,
    code: z.enum(errorCodes),
    upload: openUpload.nullable(),
    stored: z.boolean(),
  }),
  z.object({ kind: z.literal('dropped'), why: z.enum(['cancelled', 'superseded', 'deleted']) }),
]);
export type JobState = z.infer<typeof jobState>;
export type JobKind = JobState['kind'];
export const jobKinds = jobState.options.map((option) => option.shape.kind.value);

/** `hold`: it is to go on, but something else still keeps it. `passes`: the turn that it was put on is over. */
export type JobEvent =
  | Readonly<{ type: 'claimed' }>
  | Readonly<{ type: 'began'; upload: OpenUpload }>
  | Readonly<{ type: 'outdated' }>
  | Readonly<{ type: 'progressed'; sentBytes: number }>
  | Readonly<{ type: 'stored' }>
  | Readonly<{ type: 'verified'; proof: (typeof proofs)[number]; atMs: number }>
  | Readonly<{ type: 'sameAs'; key: string; atMs: number }>
  | Readonly<{ type: 'kept'; hold: Hold }>
  | (Readonly<{ type: 'broke'; notBeforeMs: number }> & Failure)
  | (Readonly<{ type: 'interrupted'; atMs: number; passes?: boolean }> & Failure<ErrorCode | null>)
  | Readonly<{ type: 'retried'; atMs: number }>
  | Readonly<{ type: 'first'; turnMs: number }>
  | Readonly<{ type: 'released'; atMs: number; hold?: Hold | undefined }>
  | Readonly<{ type: 'found'; atMs: number; hold?: Hold | undefined }>
  | Readonly<{ type: 'rerouted'; atMs: number; hold?: Hold | undefined }>
  | Readonly<{ type: 'deleted' }>
  | Readonly<{ type: 'returned'; atMs: number }>
  | Readonly<{ type: 'sentAgain'; atMs: number; hold?: Hold | undefined }>
  | Readonly<{ type: 'lost' }>
  | Readonly<{ type: 'superseded' }>
  | Readonly<{ type: 'cancelled' }>;

/** The next state. Any pair not written here is a bug in the caller, and throws. */
export function transition(state: JobState, event: JobEvent): JobState {
  switch (event.type) {
    case 'claimed':
      if (state.kind === 'queued')
        return {
          kind: 'uploading',
          attempts: state.attempts + 1,
          upload: state.upload,
          sentBytes: 0,
          ...(isFirst(state) && { turnMs: state.notBeforeMs }),
        };
      if (state.kind === 'uploaded') return { kind: 'verifying', attempts: state.attempts + 1 };
      break;
    case 'began':
      if (state.kind === 'uploading') return { ...state, upload: event.upload };
      break;
    case 'outdated': // Its open upload cannot become the object any more: another one is opened.
      if (state.kind === 'uploading') return { ...state, upload: null, sentBytes: 0 };
      if (state.kind === 'queued' || state.kind === 'failed') return { ...state, upload: null };
      break;
    case 'progressed':
      if (state.kind === 'uploading') return { ...state, sentBytes: event.sentBytes };
      break;
    case 'stored':
      if (state.kind === 'uploading') return { kind: 'verifying', attempts: state.attempts };
      break;
    case 'verified':
      if (state.kind === 'verifying')
        return { kind: 'verified', proof: event.proof, verifiedAtMs: event.atMs };
      break;
    case 'sameAs': // Its bytes are in the storage already: nothing is sent.
      if (state.kind === 'uploading' || (state.kind === 'dropped' && state.why === 'deleted'))
        return {
          kind: 'verified',
          proof: 'same-bytes',
          verifiedAtMs: event.atMs,
          sameAs: event.key,
        };
      break;
    case 'kept': // What was found out about it when it was to be sent: it waits for a person.
      if (state.kind === 'uploading') return { kind: 'held', ...event.hold };
      break;
    case 'broke':
      if (state.kind === 'uploading' || state.kind === 'verifying')
        return afterFailure(state, event);
      break;
    case 'interrupted': // The app stopped or the storage went away: not the upload's fault, so it costs no attempt.
      if (state.kind === 'uploading' || state.kind === 'verifying') return putBack(state, event);
      break;
    case 'retried':
      if (state.kind !== 'failed') break;
      if (!state.stored) return fromStart(event, state.upload);
      return { kind: 'uploaded', attempts: 0, notBeforeMs: event.atMs, code: null };
    case 'first': // Before all that has a time for its turn. What is under way has had it by then.
      if (state.kind === 'queued') return { ...state, notBeforeMs: event.turnMs };
      if (state.kind === 'uploading') return { ...state, turnMs: event.turnMs };
      break;
    case 'released':
      if (state.kind === 'held') return fromStart(event, null);
      break;
    case 'found': // The same version is at its path (again): what was given up for its absence is not lost.
      if (canComeBack(state))
        return fromStart(event, state.kind === 'failed' ? state.upload : null);
      break;
    case 'rerouted': // Its folder's rule changed before anything was stored; the store gives it its new key.
      if (state.kind === 'held' && state.reason !== 'needs-class') return state;
      if (state.kind === 'held' || isUnsent(state)) return fromStart(event, null);
      break;
    case 'deleted': // A person deleted the object. Nothing sends it again unasked.
      if (mayBeDeleted(state)) return { kind: 'dropped', why: 'deleted' };
      break;
    case 'returned': // Its object was brought back: it is stored again, and yet to be shown to be right.
      if (state.kind === 'dropped' && state.why === 'deleted')
        return { kind: 'uploaded', attempts: 0, notBeforeMs: event.atMs, code: null };
      break;
    case 'sentAgain': // A person asked for it, and there is no such object any more; the store gives it a new key.
      if (state.kind === 'verified' || state.kind === 'dropped') return fromStart(event, null);
      break;
    case 'lost': // Certainly not at its path any more, though its folder is there.
      if (state.kind === 'held') return gone(0, null);
      if (isUnsent(state)) return gone(state.attempts, state.upload);
      break;
    case 'superseded':
      if (state.kind === 'held' || state.kind === 'queued' || state.kind === 'failed')
        return { kind: 'dropped', why: 'superseded' };
      break;
    case 'cancelled':
      if (state.kind !== 'verified' && state.kind !== 'dropped')
        return { kind: 'dropped', why: 'cancelled' };
      break;
    default:
      return assertNever(event);
  }
  throw new Error(`Job cannot be ${event.type} while ${state.kind}`);
}

const isUnsent = (state: JobState): state is Extract<JobState, { kind: 'queued' | 'failed' }> =>
  state.kind === 'queued' || (state.kind === 'failed' && !state.stored);

function fromStart(
  { atMs, hold: kept }: Readonly<{ atMs: number; hold?: Hold | undefined }>,
  upload: OpenUpload | null,
): JobState {
  if (kept !== undefined) return { kind: 'held', ...kept };
  return { kind: 'queued', attempts: 0, notBeforeMs: atMs, code: null, upload };
}

function gone(attempts: number, upload: OpenUpload | null): JobState {
  return { kind: 'failed', attempts, code: 'file-gone', upload, stored: false };
}

/** Whether a person may ask for another attempt: at what has failed, and at a virus scan. */
export const mayBeTriedAgain = (state: JobState): boolean =>
  state.kind === 'failed' || (state.kind === 'held' && state.reason === 'infected');

/** Whether a person has put it before all others that wait. */
export const isFirst = (state: JobState): boolean =>
  state.kind === 'queued' && state.notBeforeMs < 0;

/** The number of its open multipart upload. */
export const openIn = (state: JobState): string | null =>
  'upload' in state ? (state.upload?.id ?? null) : null;

/** Whether the storage has, or had, this job's object. */
export const wasStored = (state: JobState): boolean =>
  isStored(state) || (state.kind === 'dropped' && state.why === 'deleted');

const storedKinds: ReadonlySet<JobKind> = new Set(['uploaded', 'verifying', 'verified']);
/** Whether it has it, as far as is known. */
const isStored = (state: JobState): boolean =>
  state.kind === 'failed' ? state.stored : storedKinds.has(state.kind);

/** Whether a person who deletes its object decides about it: also where no answer told that the storage has it. */
export const mayBeDeleted = ({ kind }: JobState): boolean => kind !== 'held' && kind !== 'dropped';

/** Whether the storage took this job's own bytes, whether or not it is known to be right. */
export const wasSent = (state: JobState): boolean =>
  state.kind === 'verifying' || (state.kind === 'verified' && state.proof !== 'same-bytes');

/** Whether seeing the file at its path again is a reason to send it after all. */
export function canComeBack(state: JobState): boolean {
  if (state.kind === 'failed') return state.code === 'file-gone' && !state.stored;
  return state.kind === 'dropped' && state.why === 'superseded';
}

type UnderWay = Extract<JobState, { kind: 'uploading' | 'verifying' }>;

function putBack(
  state: UnderWay,
  { atMs, code, detail, passes }: Extract<JobEvent, { type: 'interrupted' }>,
): JobState {
  const attempts = state.attempts - 1;
  const turnMs = code === null ? 0 : atMs; // What was begun goes on first, unless the storage is in trouble.
  if (state.kind === 'verifying')
    return { kind: 'uploaded', attempts, notBeforeMs: turnMs, code, detail };
  const notBeforeMs = passes ? atMs : (state.turnMs ?? turnMs);
  return { kind: 'queued', attempts, notBeforeMs, code, detail, upload: state.upload };
}

/** `notBeforeMs` is when the next attempt may start, Unix milliseconds. */
function afterFailure(state: UnderWay, event: Extract<JobEvent, { type: 'broke' }>): JobState {
  const { attempts } = state;
  const { code, detail, notBeforeMs } = event;
  const upload = state.kind === 'uploading' ? state.upload : null;
  const { retry } = catalogue[code];
  switch (retry) {
    case 'backoff':
      return state.kind === 'verifying'
        ? { kind: 'uploaded', attempts, notBeforeMs, code, detail }
        : { kind: 'queued', attempts, notBeforeMs, code, detail, upload };
    case 'restart':
    case 'new-key': // The store gives the row its new key in the same transaction.
    case 'superseded': // Not dropped before there is a newer version: it may never settle, or be deleted.
      return { kind: 'queued', attempts, notBeforeMs, code, detail, upload: null };
    case 'after-user':
      return {
        kind: 'failed',
        attempts,
        code,
        detail,
        upload,
        stored: state.kind === 'verifying' && code !== 'object-missing',
      };
    default:
      return assertNever(retry);
  }
}
