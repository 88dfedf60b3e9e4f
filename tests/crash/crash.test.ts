/** @file The program, killed at every moment that can be named, and started again: nothing is lost, doubled or forgotten. */
import { afterAll, describe, expect, test } from 'vitest';
import { crashPoints } from '../../electron/engine/test-hooks.ts';
import { deletePoints, passed, wirePoints, type WirePoint } from './points.ts';
import { openStage, workloads, type Stage } from './stage.ts';

/** A file that changed meanwhile may be left for the next sync, which is what people run. */
const SYNCS_AT_MOST = 3;
let kills = 0;

/** Starts a sync and sees it die at `point`. */
async function dieAt(stage: Stage, point: string, hit: number): Promise<void> {
  const wire = wirePoints[point as WirePoint] as (typeof wirePoints)[WirePoint] | undefined;
  let running: ReturnType<Stage['start']> | undefined;
  if (wire)
    stage.proxy.add({
      match: wire[0],
      nth: hit,
      action: { kind: 'call', ...wire[1], run: () => void running?.child.kill('SIGKILL') },
    });
  running = stage.start(wire ? undefined : `${point}:${hit}`);
  const { stderr } = await stage.end(running);
  expect(`${running.child.signalCode} ${stderr}`).toBe('SIGKILL ');
  kills += 1;
}

describe.each(workloads)('%s', (workload) => {
  test.each(passed[workload])(
    'is safe when the program dies at %s, hit %i',
    async (point, hit) => {
      await using stage = await openStage(workload);
      await dieAt(stage, point, hit);
      expect(await stage.audit(false)).toEqual([]);

      const recorded = stage.recordedParts();
      const from = stage.proxy.log.length;
      let left = '';
      for (let syncs = 0; syncs < SYNCS_AT_MOST && left !== '0 '; syncs += 1) {
        const { code, stderr } = await stage.end(stage.start());
        left = `${code} ${stderr}`;
      }
      expect(left).toBe('0 ');
      expect(await stage.audit(true)).toEqual([]);
      // What the ledger knows to be there is not sent again.
      expect(stage.sentParts(from).filter((part) => recorded.has(part))).toEqual([]);
    },
    180_000,
  );
});

test('a program that dies in each step of making its ledger makes it the next time', async () => {
  await using stage = await openStage('one small file', { isNew: true });
  const add = ['folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7'];
  for (let step = 1; ; step += 1) {
    stage.cli.env['CRASH_AT'] = `migration-step:${step}`;
    const running = stage.cli.start(...add);
    const { code } = await running.ended;
    if (code === 0) break; // There is no such step.
    expect(running.child.signalCode).toBe('SIGKILL');
    kills += 1;
  }
  expect(kills).toBeGreaterThan(0);
  expect((await stage.end(stage.start())).code).toBe(0);
  expect(await stage.audit(true)).toEqual([]);
});

test('every moment of the program is in the table', () => {
  const tried = new Set(
    Object.values(passed).flatMap((list) => list.map(([point]): string => point)),
  );
  // The first has a test of its own above; the others are met by other ways than a sync, and have theirs beside.
  const elsewhere = [
    'migration-step',
    'settings-half-written',
    'report-export-mid',
    'cleanup-after-intent',
    'cleanup-after-rename',
    'cleanup-after-commit-before-unlink',
    'cleanup-after-unlink',
    'move-after-placeholder',
    'move-after-link',
    'undo-after-rename',
    'ledger-rebuilt',
    ...deletePoints,
  ];
  expect([...tried, ...elsewhere].toSorted()).toEqual(
    [...crashPoints, ...Object.keys(wirePoints)].toSorted(),
  );
});

afterAll(() => {
  console.log(`Killed ${kills} times`);
});
