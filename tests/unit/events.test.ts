import { describe, expect, test } from 'vitest';
import {
  createEvents,
  createProgressLimit,
  type EngineEvent,
} from '../../electron/engine/events.ts';
import type { Job } from '../../electron/engine/store/jobs.ts';
import type { JobState } from '../../shared/job.ts';

const job = (id: number, state: JobState) => ({ id, state }) as Job; // The limit reads nothing else.
const uploading = (sentBytes: number): JobState => ({
  kind: 'uploading',
  attempts: 1,
  upload: null,
  sentBytes,
});

describe('the progress of a job', () => {
  test('is told at most ten times a second, of each job', () => {
    let now = 0;
    const mayPass = createProgressLimit(() => now);
    const passed = { 1: 0, 2: 0 };
    for (now = 0; now < 3_000; now += 7)
      for (const id of [1, 2] as const) if (mayPass(job(id, uploading(now)))) passed[id] += 1;
    for (const count of Object.values(passed)) {
      expect(count).toBeGreaterThan(20);
      expect(count).toBeLessThanOrEqual(30);
    }
  });

  test('never hides an outcome: a change of the kind of state is always told', () => {
    const mayPass = createProgressLimit(() => 0);
    const states: readonly JobState[] = [
      { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
      uploading(0),
      { kind: 'verifying', attempts: 1 },
      { kind: 'uploaded', attempts: 1, notBeforeMs: 0, code: 'offline' },
      { kind: 'verifying', attempts: 1 },
      { kind: 'failed', attempts: 1, code: 'disk-error', upload: null, stored: true },
      { kind: 'verified', proof: 'checksum', verifiedAtMs: 0 },
    ];
    expect(states.map((state) => mayPass(job(1, state)))).toEqual(states.map(() => true));
    expect(mayPass(job(2, uploading(1)))).toBe(true);
    expect(mayPass(job(2, uploading(2)))).toBe(false);
  });
});

test('an event reaches every listener, although one throws and one has left', () => {
  const thrown: unknown[] = [];
  const heard: EngineEvent[] = [];
  const events = createEvents((error) => thrown.push(error));
  const bug = new Error('a host’s bug');
  events.on(() => {
    throw bug;
  });
  const leave = events.on(() => heard.push({ type: 'skipped', path: 'left', reason: '' }));
  events.on((event) => heard.push(event));
  leave();
  const event = { type: 'storage', state: 'reachable' } as const;
  events.emit(event);
  expect({ thrown, heard }).toEqual({ thrown: [bug], heard: [event] });
});
