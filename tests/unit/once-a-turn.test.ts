import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { onceATurn } from '../../electron/engine/pauses.ts';

test('what many ask for in one turn of the event loop is asked once, and anew in the next', async () => {
  const rules = new Map([[1, 'first']]);
  const asked: number[] = [];
  const ruleOf = onceATurn((id: number) => {
    asked.push(id);
    return rules.get(id);
  });
  expect([1, 2, 1, 2].map(ruleOf)).toEqual(['first', undefined, 'first', undefined]);
  expect(asked).toEqual([1, 2]); // Also of one for which there is nothing.
  rules.set(1, 'second').set(2, 'other');
  await nextTurn();
  expect([1, 2].map(ruleOf)).toEqual(['second', 'other']);
});
