/** @file How V8 gives back the memory that work has left, once there is nothing to do. */
import { setFlagsFromString } from 'node:v8';

/**
 * By itself it goes through all of the heap 100 s after its last collection, and once more 100 s after that,
 * which finds nothing; until then it asks every 8 s whether little is allocated, and takes none at all for much
 * (`--trace-memory-reducer`). It reads this number when it needs it; where it does not know it, nothing changes.
 */
export function collectOnceAtRest(): void {
  setFlagsFromString('--memory-reducer-gc-count=1');
}
