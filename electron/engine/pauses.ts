/** @file Turns of the event loop: given to others, and what stays the same within one. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long rows may be worked on before others have their turn. */
const SLICE_MS = 5;

/** Rows one by one: who goes through half a million of them without waiting holds up all others. */
export async function* inSlices<T>(rows: Iterable<T>): AsyncGenerator<T> {
  let sinceMs = performance.now();
  for (const row of rows) {
    if (performance.now() - sinceMs >= SLICE_MS) {
      await nextTurn();
      sinceMs = performance.now();
    }
    yield row;
  }
}

/** @returns Asks once for all that is asked in the same turn of the event loop: hardly older than an answer of now. */
export function onceATurn<Key, Answer>(ask: (key: Key) => Answer): (key: Key) => Answer {
  const known = new Map<Key, Answer>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined || known.has(key)) return before as Answer;
    const answer = ask(key);
    if (known.size === 0) setImmediate(() => known.clear());
    known.set(key, answer);
    return answer;
  };
}
