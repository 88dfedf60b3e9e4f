import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { catalogue } from '../../shared/troubles/catalogue.ts';
import { errorCodes } from '../../shared/errors.ts';
import { holdReasons, jobState, type JobEvent, type JobState } from '../../shared/job.ts';
import { transition } from '../../shared/transition.ts';
import { freshSeed, isLong, longMinutes } from './seeds.ts';

/** A busy machine plays fewer courses, never none. */
const LIMIT_MS = isLong ? longMinutes * 12_000 : 60_000;

const atMs = fc.nat();
const hold = fc.constantFrom(undefined, ...holdReasons.map((reason) => ({ reason })));
const event: fc.Arbitrary<JobEvent> = fc.oneof(
  // Nothing much happens to a job without it.
  fc.constant<JobEvent>({ type: 'claimed' }),
  fc.constantFrom<JobEvent>(
    { type: 'outdated' },
    { type: 'stored' },
    { type: 'deleted' },
    { type: 'lost' },
    { type: 'missed' },
    { type: 'superseded' },
    { type: 'cancelled' },
    { type: 'kept', hold: { reason: 'infected' } },
  ),
  fc.nat().map((id): JobEvent => ({ type: 'began', upload: { id: `u${id}`, partBytes: 8 } })),
  fc.nat().map((n): JobEvent => ({ type: 'first', turnMs: -1 - n })),
  fc.nat().map((sentBytes): JobEvent => ({ type: 'progressed', sentBytes })),
  atMs.map((ms): JobEvent => ({ type: 'verified', proof: 'checksum', atMs: ms })),
  atMs.map((ms): JobEvent => ({ type: 'sameAs', key: 'audio/bio-101/x.mp3', atMs: ms })),
  fc
    .tuple(fc.constantFrom(...errorCodes), atMs)
    .map(([code, notBeforeMs]): JobEvent => ({ type: 'broke', code, notBeforeMs })),
  fc
    .tuple(fc.constantFrom(null, ...errorCodes), atMs, fc.boolean(), fc.boolean())
    .map(([code, ms, passes, isCut]): JobEvent => ({
      type: 'interrupted',
      code,
      atMs: ms,
      passes,
      isCut,
    })),
  fc
    .tuple(fc.constantFrom('retried' as const, 'rerouted' as const, 'returned' as const), atMs)
    .map(([type, ms]): JobEvent => ({ type, atMs: ms })),
  fc
    .tuple(fc.constantFrom('released' as const, 'found' as const, 'sentAgain' as const), atMs, hold)
    .map(([type, ms, why]): JobEvent => ({ type, atMs: ms, hold: why })),
);

const start = (): JobState => ({
  kind: 'queued',
  attempts: 0,
  notBeforeMs: 0,
  code: null,
  upload: null,
});

/** What the engine and a person can do with any job, without anything going wrong. */
const waysOn: readonly JobEvent[] = [
  { type: 'claimed' },
  { type: 'stored' },
  { type: 'verified', proof: 'checksum', atMs: 0 },
  { type: 'retried', atMs: 0 },
  { type: 'released', atMs: 0 },
  { type: 'sentAgain', atMs: 0 },
  { type: 'found', atMs: 0 },
];

/** The next state, or the same where the event has no place. */
function after(state: JobState, one: JobEvent): JobState {
  try {
    return transition(state, one);
  } catch {
    return state;
  }
}

function canBeVerified(from: JobState): boolean {
  const seen = new Set<string>();
  const open = [from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (state.kind === 'verified') return true;
    const name =
      'attempts' in state ? JSON.stringify({ ...state, attempts: 0 }) : JSON.stringify(state);
    if (seen.has(name)) continue;
    seen.add(name);
    for (const one of waysOn) open.push(after(state, one));
  }
  return false;
}

/** What is wrong with a state by itself; empty when nothing is. */
function faultsOf(state: JobState): string[] {
  const trouble = 'code' in state && state.code !== null ? catalogue[state.code] : undefined;
  return [
    ...(jobState.safeParse(state).success ? [] : ['no state that the ledger takes']),
    ...('attempts' in state && state.attempts < 0 ? ['fewer than no attempts'] : []),
    ...(trouble && Math.min(trouble.title.length, trouble.safe.length, trouble.todo.length) < 10
      ? ['no words']
      : []),
  ];
}

const cutsOf = (state: JobState): number => ('cuts' in state ? (state.cuts ?? 0) : 0);

/**
 * What is wrong with a step: only a proof verifies, and only an object that is gone ends that; and what has had its
 * turn, or ended the program twice in a row, is not the first again.
 */
function faultsOfStep(before: JobState, one: JobEvent, now: JobState): string[] {
  if (before.kind === now.kind) return [];
  const { type } = one;
  const isAgain =
    type === 'interrupted' && (one.passes === true || (one.isCut === true && cutsOf(before) > 0));
  const isProof = type === 'verified' || type === 'sameAs';
  const isLoss = type === 'deleted' || type === 'sentAgain' || type === 'lost';
  return [
    ...(now.kind === 'verified' && !isProof ? [`verified by ${type}`] : []),
    ...(before.kind === 'verified' && !isLoss ? [`not verified any more by ${type}`] : []),
    ...(isAgain && 'notBeforeMs' in now && now.notBeforeMs !== one.atMs ? ['first again'] : []),
  ];
}

test(
  'whatever happens to a job: its state has a name, words and a way to be verified, and only a proof verifies it',
  () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60, size: 'max' }), (events) => {
        let state = start();
        const faults = events.flatMap((one) => {
          const before = state;
          state = after(state, one);
          return [...faultsOf(state), ...faultsOfStep(before, one, state)];
        });
        expect(faults).toEqual([]);
        expect(canBeVerified(state)).toBe(true);
      }),
      { seed: freshSeed, numRuns: isLong ? 5_000_000 : 20_000, interruptAfterTimeLimit: LIMIT_MS },
    );
  },
  LIMIT_MS + 60_000,
);
