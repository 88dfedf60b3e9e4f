import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { errorCodes, type ErrorCode } from '../../shared/errors.ts';
import { catalogue } from '../../shared/troubles/catalogue.ts';
import {
  canComeBack,
  jobKinds,
  jobState,
  type JobEvent,
  type JobKind,
  type JobState,
} from '../../shared/job.ts';
import { transition } from '../../shared/transition.ts';

const upload = { id: 'upload-1', partBytes: 8 };

/** One state of each kind, with values that a lost or invented one would show. */
const states: { [K in JobKind]: Extract<JobState, { kind: K }> } = {
  held: { kind: 'held', reason: 'needs-class' },
  queued: { kind: 'queued', attempts: 3, notBeforeMs: 50, code: 'busy', upload },
  uploading: { kind: 'uploading', attempts: 4, upload, sentBytes: 16 },
  uploaded: { kind: 'uploaded', attempts: 3, notBeforeMs: 50, code: 'offline' },
  verifying: { kind: 'verifying', attempts: 4 },
  verified: { kind: 'verified', proof: 'checksum', verifiedAtMs: 60 },
  failed: { kind: 'failed', attempts: 4, code: 'disk-error', upload, stored: false },
  dropped: { kind: 'dropped', why: 'cancelled' },
};

const events: { [T in JobEvent['type']]: Extract<JobEvent, { type: T }> } = {
  claimed: { type: 'claimed' },
  began: { type: 'began', upload: { id: 'upload-2', partBytes: 9 } },
  outdated: { type: 'outdated' },
  progressed: { type: 'progressed', sentBytes: 24 },
  stored: { type: 'stored' },
  verified: { type: 'verified', proof: 'read-back', atMs: 100 },
  sameAs: { type: 'sameAs', key: 'audio/bio-101/other.mp3', atMs: 150 },
  kept: { type: 'kept', hold: { reason: 'infected', detail: 'Eicar' } },
  broke: { type: 'broke', code: 'server-error', notBeforeMs: 200 },
  interrupted: { type: 'interrupted', atMs: 300, code: null },
  retried: { type: 'retried', atMs: 400 },
  first: { type: 'first', turnMs: -7 },
  released: { type: 'released', atMs: 500 },
  found: { type: 'found', atMs: 600 },
  rerouted: { type: 'rerouted', atMs: 700 },
  deleted: { type: 'deleted' },
  sentAgain: { type: 'sentAgain', atMs: 800 },
  returned: { type: 'returned', atMs: 900 },
  lost: { type: 'lost' },
  missed: { type: 'missed' },
  superseded: { type: 'superseded' },
  cancelled: { type: 'cancelled' },
};

const fresh = (atMs: number) => ({
  kind: 'queued' as const,
  attempts: 0,
  notBeforeMs: atMs,
  code: null,
  upload: null,
});
/** Where these events lead, one after the other, from a fresh job. */
const go = (...row: JobEvent['type'][]) =>
  row.map((type) => events[type]).reduce<JobState>(transition, fresh(0));
const cancelled = { kind: 'dropped', why: 'cancelled' } as const;
const superseded = { kind: 'dropped', why: 'superseded' } as const;
const deleted = { kind: 'dropped', why: 'deleted' } as const;

/** Every pair that is allowed, and where it leads. What is not here throws. */
const legal: Partial<Record<`${JobKind} ${JobEvent['type']}`, JobState>> = {
  'held released': fresh(500),
  'held rerouted': fresh(700),
  'held lost': { kind: 'failed', attempts: 0, code: 'file-gone', upload: null, stored: false },
  'held superseded': superseded,
  'held cancelled': cancelled,
  'queued claimed': { kind: 'uploading', attempts: 4, upload, sentBytes: 0 },
  'queued first': { ...states.queued, notBeforeMs: -7 },
  'uploading first': { ...states.uploading, turnMs: -7 },
  'queued rerouted': fresh(700),
  'queued lost': { kind: 'failed', attempts: 3, code: 'file-gone', upload, stored: false },
  'queued missed': { ...states.queued, wasAway: true },
  'queued superseded': superseded,
  'queued deleted': deleted,
  'queued cancelled': cancelled,
  'queued outdated': { ...states.queued, upload: null },
  'uploading outdated': { ...states.uploading, upload: null, sentBytes: 0 },
  'failed outdated': { ...states.failed, upload: null },
  'uploading began': { ...states.uploading, upload: { id: 'upload-2', partBytes: 9 } },
  'uploading progressed': { ...states.uploading, sentBytes: 24 },
  'uploading kept': { kind: 'held', reason: 'infected', detail: 'Eicar' },
  'uploading stored': { kind: 'verifying', attempts: 4 },
  'uploading broke': {
    kind: 'queued',
    attempts: 4,
    notBeforeMs: 200,
    code: 'server-error',
    upload,
  },
  'uploading interrupted': { kind: 'queued', attempts: 3, notBeforeMs: 0, code: null, upload },
  'uploading deleted': deleted,
  'uploading cancelled': cancelled,
  'uploading sameAs': {
    kind: 'verified',
    proof: 'same-bytes',
    verifiedAtMs: 150,
    sameAs: 'audio/bio-101/other.mp3',
  },
  'uploaded claimed': { kind: 'verifying', attempts: 4 },
  'uploaded deleted': deleted,
  'uploaded cancelled': cancelled,
  'verifying verified': { kind: 'verified', proof: 'read-back', verifiedAtMs: 100 },
  'verifying broke': { kind: 'uploaded', attempts: 4, notBeforeMs: 200, code: 'server-error' },
  'verifying interrupted': { kind: 'uploaded', attempts: 3, notBeforeMs: 0, code: null },
  'verifying deleted': deleted,
  'verifying cancelled': cancelled,
  'verified deleted': deleted,
  'verified sentAgain': fresh(800),
  'dropped sentAgain': fresh(800),
  'failed retried': { ...fresh(400), upload },
  'failed rerouted': fresh(700),
  'failed lost': { kind: 'failed', attempts: 4, code: 'file-gone', upload, stored: false },
  'failed superseded': superseded,
  'failed deleted': deleted,
  'failed cancelled': cancelled,
};

const kinds = Object.keys(states) as JobKind[];
const types = Object.keys(events) as JobEvent['type'][];

describe('a job', () => {
  test('of every kind has a row in this table', () => {
    expect(kinds.toSorted()).toEqual(jobKinds.toSorted());
    for (const state of Object.values(states)) expect(jobState.parse(state)).toEqual(state);
  });

  test.each(kinds)(
    'that is %s answers every event by the table, and throws for the rest',
    (kind) => {
      const outcome = (type: JobEvent['type']): JobState | 'throws' => {
        try {
          return transition(states[kind], events[type]);
        } catch {
          return 'throws';
        }
      };
      expect(Object.fromEntries(types.map((type) => [type, outcome(type)]))).toEqual(
        Object.fromEntries(types.map((type) => [type, legal[`${kind} ${type}`] ?? 'throws'])),
      );
    },
  );

  test('is told in the architecture with every event that it answers', async () => {
    const file = join(import.meta.dirname, '../../docs/ARCHITECTURE.md');
    const rows = (await readFile(file, 'utf8')).matchAll(/^\| `(\w+)` +\|.*\|(.*)\|$/gm);
    const told = [...rows].flatMap(([, kind, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, type]) => `${kind} ${type}`),
    );
    const ofDropped = ['found', 'returned', 'sameAs', 'deleted'].map((type) => `dropped ${type}`);
    const legals = [...Object.keys(legal), ...ofDropped, 'failed found'];
    expect(told.toSorted()).toEqual(legals.toSorted());
  });

  test('that something else still keeps is held for that, and a new class alone lets nothing unfinished go', () => {
    const held = { kind: 'held', reason: 'unfinished' } as const;
    const needsClass = { kind: 'held', reason: 'needs-class' } as const;
    for (const [state, type] of [
      [held, 'released'],
      [superseded, 'found'],
      [cancelled, 'sentAgain'],
    ] as const)
      expect(transition(state, { type, atMs: 1, hold: { reason: 'needs-class' } })).toEqual(
        needsClass,
      );
    expect(transition(held, events.rerouted)).toEqual(held);
    for (const state of [states.queued, states.failed, needsClass])
      expect(transition(state, { ...events.rerouted, hold: { reason: 'needs-class' } })).toEqual(
        needsClass,
      );
    expect(transition(needsClass, events.rerouted)).toEqual(fresh(700));
  });

  test('that a person had deleted shares the bytes of another file once these are back', () => {
    expect(transition(deleted, events.sameAs)).toEqual(legal['uploading sameAs']);
    expect(() => transition(superseded, events.sameAs)).toThrow('Job cannot be sameAs');
    expect(transition(superseded, events.deleted)).toEqual(deleted);
  });

  test('that a person had deleted is stored again once its object is back, and no other is', () => {
    expect(transition({ kind: 'dropped', why: 'deleted' }, events.returned)).toEqual({
      kind: 'uploaded',
      attempts: 0,
      notBeforeMs: 900,
      code: null,
    });
    for (const state of [superseded, cancelled, states.verified])
      expect(() => transition(state, events.returned)).toThrow('Job cannot be returned');
  });

  test('costs an attempt when it is claimed, none when it is interrupted, and starts anew when a person retries', () => {
    expect(go('claimed', 'interrupted', 'claimed', 'interrupted')).toMatchObject({ attempts: 0 });
    expect(go('claimed', 'broke', 'claimed', 'broke')).toMatchObject({ attempts: 2 });
    expect(go('claimed', 'stored', 'broke', 'claimed', 'interrupted')).toMatchObject({
      kind: 'uploaded',
      attempts: 1,
    });
  });

  test('keeps its open upload through a failure, an interruption, a restart and a retry', () => {
    const failed = transition(states.uploading, {
      type: 'broke',
      code: 'access-denied',
      notBeforeMs: 0,
    });
    expect(failed).toEqual({
      kind: 'failed',
      attempts: 4,
      code: 'access-denied',
      upload,
      stored: false,
    });
    const again = transition(transition(failed, events.retried), events.claimed);
    expect(again).toEqual({ kind: 'uploading', attempts: 1, upload, sentBytes: 0 });
    expect(transition(again, events.interrupted)).toMatchObject({ kind: 'queued', upload });
  });

  test('that is stored but not verified is only verified again, never sent again', () => {
    const broke = { type: 'broke', code: 'cannot-verify', notBeforeMs: 0 } as const;
    const failed = transition(states.verifying, broke);
    expect(failed).toMatchObject({ kind: 'failed', stored: true });
    expect(transition(failed, events.deleted)).toEqual(deleted);
    expect(transition(failed, events.retried)).toEqual({
      kind: 'uploaded',
      attempts: 0,
      notBeforeMs: 400,
      code: null,
    });
  });

  test.each(errorCodes)('that breaks with %s goes on as the catalogue says', (code: ErrorCode) => {
    const broke = { type: 'broke', code, notBeforeMs: 7 } as const;
    const waiting = { attempts: 4, notBeforeMs: 7, code };
    const expected = {
      backoff: [
        { kind: 'queued', ...waiting, upload },
        { kind: 'uploaded', ...waiting },
      ],
      restart: [
        { kind: 'queued', ...waiting, upload: null },
        { kind: 'queued', ...waiting, upload: null },
      ],
      'new-key': [
        { kind: 'queued', ...waiting, upload: null },
        { kind: 'queued', ...waiting, upload: null },
      ],
      superseded: [
        { kind: 'queued', ...waiting, upload: null },
        { kind: 'queued', ...waiting, upload: null },
      ],
      'after-user': [
        { kind: 'failed', attempts: 4, code, upload, stored: false },
        { kind: 'failed', attempts: 4, code, upload: null, stored: code !== 'object-missing' },
      ],
    }[catalogue[code].retry];
    expect([transition(states.uploading, broke), transition(states.verifying, broke)]).toEqual(
      expected,
    );
  });

  test('comes back with its file only when the file’s absence or a newer version had ended it', () => {
    const backs: readonly JobState[] = [
      superseded,
      { ...states.failed, code: 'file-gone', upload: null },
    ];
    for (const state of backs) {
      expect(canComeBack(state)).toBe(true);
      expect(transition(state, events.found)).toEqual(fresh(600));
    }
    const not: readonly JobState[] = [
      ...kinds.map((kind) => states[kind]),
      { ...states.failed, code: 'file-gone', stored: true },
    ];
    for (const state of not) {
      expect(canComeBack(state)).toBe(false);
      expect(() => transition(state, events.found)).toThrow(/cannot be found/);
    }
  });
});

test('a file that was away is known as such until it is looked into, whatever else goes wrong', () => {
  const away = [events.claimed, { type: 'broke', code: 'file-gone', notBeforeMs: 0 }] as const;
  const claimed = [...away, events.retried, events.claimed].reduce<JobState>(transition, fresh(0));
  const broke = errorCodes.map((code) => ({ type: 'broke', code, notBeforeMs: 0 }) as const);
  for (const one of [events.interrupted, ...broke]) {
    const after = transition(claimed, one);
    const again = after.kind === 'failed' ? transition(after, events.retried) : after;
    expect(transition(again, events.claimed)).toMatchObject({ kind: 'uploading', wasAway: true });
  }
  // What has been looked into by then is not called away.
  expect(transition(claimed, events.interrupted)).toMatchObject({ kind: 'queued', code: null });
});
