import { expect, test } from 'vitest';
import { createGate, type StorageState, type Trouble } from '../../electron/engine/queue/gate.ts';

function gateAt(start: number) {
  const clock = { now: start };
  const changes: (Trouble | undefined)[] = [];
  const states: StorageState[] = [];
  const gate = createGate({
    nowMs: () => clock.now,
    random: () => 0.999_999,
    onChange: (state, trouble) => {
      changes.push(trouble);
      states.push(state);
    },
  });
  return { clock, changes, states, gate };
}

test('the door is open until the storage fails, and then opens for a probe at growing intervals', () => {
  const { clock, changes, gate } = gateAt(1_000);
  expect(gate.isOpen()).toBe(true);
  const waits: number[] = [];
  for (let n = 0; n < 4; n++) {
    gate.failed('offline');
    expect(gate.isOpen()).toBe(false);
    waits.push(gate.trouble!.nextTryAtMs - clock.now);
    clock.now = gate.trouble!.nextTryAtMs;
    expect(gate.isOpen()).toBe(true);
  }
  expect(waits).toEqual([1_999, 3_999, 7_999, 15_999]);
  gate.succeeded();
  gate.succeeded();
  expect(gate.isOpen()).toBe(true);
  expect(changes.map((trouble) => trouble?.failures)).toEqual([1, 2, 3, 4, undefined]);
});

test('jobs that fail together are one failure, and another kind of trouble is news', () => {
  const { gate, changes } = gateAt(0);
  for (let n = 0; n < 4; n++) gate.failed('offline');
  gate.failed('wrong-secret');
  expect(changes.map((trouble) => [trouble?.code, trouble?.failures])).toEqual([
    ['offline', 1],
    ['wrong-secret', 2],
  ]);
});

test('what needs a person is looked at again once a minute, or when the person says so', () => {
  const { clock, gate } = gateAt(0);
  gate.failed('no-bucket');
  expect(gate.trouble).toEqual({ code: 'no-bucket', failures: 1, nextTryAtMs: 60_000 });
  gate.tryNow();
  expect(gate.isOpen()).toBe(true);
  clock.now = 1;
  gate.failed('no-bucket');
  expect(gate.trouble).toEqual({ code: 'no-bucket', failures: 2, nextTryAtMs: 60_001 });
});

test('what nobody waits for is forgotten, and that the storage answers is told when it has', () => {
  const { states, gate } = gateAt(0);
  gate.failed('offline');
  gate.forget();
  gate.forget();
  expect([gate.trouble, gate.isOpen(), states]).toEqual([undefined, true, ['waiting', 'unasked']]);
  gate.succeeded();
  gate.succeeded();
  expect(states).toEqual(['waiting', 'unasked', 'reachable']);
});
