import { setImmediate } from 'node:timers/promises';

/** Rows between two pauses. */
const ROWS = 500;

/** To be awaited for each row: who goes through half a million of them without waiting holds up all others. */
export function createPauses(): () => Promise<void> {
  let rows = 0;
  return async () => {
    rows += 1;
    if (rows % ROWS === 0) await setImmediate();
  };
}
