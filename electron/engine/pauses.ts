import { setImmediate } from 'node:timers/promises';

/** How long rows may be worked on before others have their turn. */
const SLICE_MS = 5;

/** Rows one by one: who goes through half a million of them without waiting holds up all others. */
export async function* inSlices<T>(rows: Iterable<T>): AsyncGenerator<T> {
  let sinceMs = performance.now();
  for (const row of rows) {
    if (performance.now() - sinceMs >= SLICE_MS) {
      await setImmediate();
      sinceMs = performance.now();
    }
    yield row;
  }
}
