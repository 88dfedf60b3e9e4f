/** @file A job is the upload of one version of one recording: its states, what happens to it, and what a state says. */
import { z } from 'zod';
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
/** In so many starts in a row the program was ended by force while this one was under way, and it came no further. */
const cuts = z.int().positive().optional();
/** Its file was not at its path when it was looked for, and nobody has looked into it since. */
const wasAway = z.literal(true).optional();
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
    cuts,
    wasAway,
  }),
  z.object({
    kind: z.literal('uploading'),
    attempts: attemptCount,
    cuts,
    upload: openUpload.nullable(),
    sentBytes: z.int().min(0),
    /** The turn that it was put on; see `first`. */
    turnMs: z.int().negative().optional(),
    wasAway,
  }),
  /** Stored, but not yet shown to equal the file. */
  z.object({
    kind: z.literal('uploaded'),
    attempts: attemptCount,
    notBeforeMs: z.int(),
    ...lastFailure,
    cuts,
  }),
  z.object({ kind: z.literal('verifying'), attempts: attemptCount, cuts }),
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
    wasAway,
  }),
  z.object({ kind: z.literal('dropped'), why: z.enum(['cancelled', 'superseded', 'deleted']) }),
]);
export type JobState = z.infer<typeof jobState>;
export type JobKind = JobState['kind'];
export const jobKinds = jobState.options.map((option) => option.shape.kind.value);

/** What a job is while nothing is at work: what a kill has left begun waits like the rest. */
export function atRest(kind: JobKind): JobKind {
  if (kind === 'uploading') return 'queued';
  return kind === 'verifying' ? 'uploaded' : kind;
}

/** `hold`: it is to go on, but something else still keeps it. `passes`: the turn that it was put on is over. `isCut`: by the program's end. */
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
  | (Readonly<{ type: 'interrupted'; atMs: number; passes?: boolean; isCut?: boolean }> &
      Failure<ErrorCode | null>)
  | Readonly<{ type: 'retried'; atMs: number }>
  | Readonly<{ type: 'first'; turnMs: number }>
  | Readonly<{ type: 'released'; atMs: number; hold?: Hold | undefined }>
  | Readonly<{ type: 'found'; atMs: number; hold?: Hold | undefined }>
  | Readonly<{ type: 'rerouted'; atMs: number; hold?: Hold | undefined }>
  | Readonly<{ type: 'deleted' }>
  | Readonly<{ type: 'returned'; atMs: number }>
  | Readonly<{ type: 'sentAgain'; atMs: number; hold?: Hold | undefined }>
  | Readonly<{ type: 'lost' }>
  | Readonly<{ type: 'missed' }>
  | Readonly<{ type: 'superseded' }>
  | Readonly<{ type: 'cancelled' }>;

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

/**
 * Whether a person who deletes its object decides about it: also where no answer told that the storage has it, and
 * where a newer version took over, since its own may be at the path again.
 */
export const mayBeDeleted = (state: JobState): boolean =>
  state.kind === 'dropped' ? state.why === 'superseded' : state.kind !== 'held';

/** Whether the storage took this job's own bytes, whether or not it is known to be right. */
export const wasSent = (state: JobState): boolean =>
  state.kind === 'verifying' || (state.kind === 'verified' && state.proof !== 'same-bytes');

/** Whether seeing the file at its path again is a reason to send it after all. */
export function canComeBack(state: JobState): boolean {
  if (state.kind === 'failed') return state.code === 'file-gone' && !state.stored;
  return state.kind === 'dropped' && state.why === 'superseded';
}
