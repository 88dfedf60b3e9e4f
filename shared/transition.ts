/** @file How a job may move: one pure function. */
import { assertNever } from './assert.ts';
import {
  canComeBack,
  isFirst,
  mayBeDeleted,
  type Hold,
  type JobEvent,
  type JobState,
  type OpenUpload,
} from './job.ts';
import { catalogue } from './troubles/catalogue.ts';

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
          ...((state.code === 'file-away' || state.wasAway) && { wasAway: true }),
          ...(state.cuts !== undefined && { cuts: state.cuts }),
        };
      if (state.kind === 'uploaded')
        return {
          kind: 'verifying',
          attempts: state.attempts + 1,
          ...(state.cuts !== undefined && { cuts: state.cuts }),
        };
      break;
    case 'began':
      if (state.kind === 'uploading') return { ...state, upload: event.upload };
      break;
    case 'outdated': // Its open upload cannot become the object any more: another one is opened.
      if (state.kind === 'uploading') return { ...state, upload: null, sentBytes: 0 };
      if (state.kind === 'queued' || state.kind === 'failed') return { ...state, upload: null };
      break;
    case 'progressed':
      if (state.kind === 'uploading') return furtherTo(state, event.sentBytes);
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
      return {
        ...(state.stored
          ? { kind: 'uploaded', attempts: 0, notBeforeMs: event.atMs, code: null }
          : waiting(event.atMs, state.upload)),
        ...((state.code === 'file-gone' || state.wasAway) && !state.stored && { wasAway: true }),
        ...(state.code === 'ends-program' && { cuts: MOST_CUTS - 1 }),
      };
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
    case 'missed': // Taken in while it was not at its path: nobody has looked into it.
      if (state.kind === 'queued') return { ...state, wasAway: true };
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
  return kept === undefined ? waiting(atMs, upload) : { kind: 'held', ...kept };
}

function waiting(
  notBeforeMs: number,
  upload: OpenUpload | null,
): Extract<JobState, { kind: 'queued' }> {
  return { kind: 'queued', attempts: 0, notBeforeMs, code: null, upload };
}

function gone(attempts: number, upload: OpenUpload | null): JobState {
  return { kind: 'failed', attempts, code: 'file-gone', upload, stored: false };
}

/** Early ones may be the doing of others that were under way beside it, or power cuts: 60 of those in a row left three of 180 innocent ones with three. */
const MOST_CUTS = 10;

type UnderWay = Extract<JobState, { kind: 'uploading' | 'verifying' }>;

function putBack(
  state: UnderWay,
  { atMs, code, detail, passes, isCut }: Extract<JobEvent, { type: 'interrupted' }>,
): JobState {
  const attempts = state.attempts - 1;
  // What was begun goes on first, unless the storage is in trouble. A clock may stand before 1970.
  const turnMs = code === null ? Math.min(0, atMs) : atMs;
  const cuts = isCut ? (state.cuts ?? 0) + 1 : state.cuts;
  const isSending = state.kind === 'uploading';
  if (cuts !== undefined && cuts >= MOST_CUTS)
    return {
      kind: 'failed',
      attempts,
      code: 'ends-program',
      upload: isSending ? state.upload : null,
      stored: !isSending,
      ...awayAs(state),
    };
  // It may be what ends the program: then it must not be the first again.
  const isLast = passes || (isCut && cuts !== undefined && cuts > 1);
  const own = isSending ? state.turnMs : undefined;
  const waits = {
    attempts,
    notBeforeMs: isLast ? atMs : (own ?? turnMs),
    code,
    detail,
    ...(cuts !== undefined && { cuts }),
  };
  return isSending
    ? { kind: 'queued', ...waits, upload: state.upload, ...awayAs(state) }
    : { kind: 'uploaded', ...waits };
}

function furtherTo(
  { cuts: _over, ...state }: Extract<JobState, { kind: 'uploading' }>,
  sentBytes: number,
): JobState {
  return { ...state, sentBytes };
}

/** Whatever else goes wrong with it before it is looked into. */
const awayAs = (state: UnderWay) =>
  state.kind === 'uploading' && state.wasAway ? { wasAway: state.wasAway } : {};

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
        : { kind: 'queued', attempts, notBeforeMs, code, detail, upload, ...awayAs(state) };
    case 'restart':
    case 'new-key': // The store gives the row its new key in the same transaction.
    case 'superseded': // Not dropped before there is a newer version: it may never settle, or be deleted.
      return {
        kind: 'queued',
        attempts,
        notBeforeMs,
        code,
        detail,
        upload: null,
        ...awayAs(state),
      };
    case 'after-user':
      return {
        kind: 'failed',
        attempts,
        code,
        detail,
        upload,
        stored: state.kind === 'verifying' && code !== 'object-missing',
        ...awayAs(state),
      };
    default:
      return assertNever(retry);
  }
}
