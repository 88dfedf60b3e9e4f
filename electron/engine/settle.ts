import { look, type Sighting } from './scan.ts';
import { openForWriting } from './writers.ts';

export type SettleOptions = Readonly<{
  /** How long size, mtime and ctime must have stayed the same. */
  quietMs: number;
  /** A clock that never jumps: settling must not depend on the time of day. */
  monotonicMs: () => number;
  onSettled: (sighting: Sighting) => void;
  onWaiting: (sighting: Sighting) => void;
  onGone: (path: string) => void;
  /** A settled file could not be taken in. It is tried again after another quiet time. */
  onError: (path: string, error: unknown) => void;
}>;

type Waiting = { sighting: Sighting; sinceMs: number };

/**
 * Waits until files stop changing. The watcher's and the scan's sightings come in alike; a file leaves
 * when two looks at least `quietMs` apart, and all between, saw the same size, mtime and ctime, and no
 * process is known to have it open for writing.
 */
export function createSettle(options: SettleOptions) {
  const { quietMs, monotonicMs, onSettled, onWaiting, onGone, onError } = options;
  const waiting = new Map<string, Waiting>();
  let timer: NodeJS.Timeout | undefined;
  let checking = false;
  let stopped = false;

  function observe(sighting: Sighting): void {
    if (stopped) return;
    const known = waiting.get(sighting.path);
    if (known && isSame(known.sighting, sighting)) return;
    waiting.set(sighting.path, { sighting, sinceMs: monotonicMs() });
    onWaiting(sighting);
    arm();
  }

  /** One timer for all files, at the time when the first of them may be quiet. */
  function arm(): void {
    if (stopped || checking || timer !== undefined || waiting.size === 0) return;
    let first = Infinity; // Not Math.min: a folder may hold more files than a call takes arguments.
    for (const { sinceMs } of waiting.values()) first = Math.min(first, sinceMs);
    timer = setTimeout(
      () => {
        timer = undefined;
        void check();
      },
      Math.max(10, first + quietMs - monotonicMs()),
    );
  }

  function take(sighting: Sighting): void {
    try {
      onSettled(sighting);
      waiting.delete(sighting.path);
    } catch (error) {
      waiting.set(sighting.path, { sighting, sinceMs: monotonicMs() });
      onError(sighting.path, error);
    }
  }

  async function check(): Promise<void> {
    checking = true;
    const due = [...waiting.values()].filter(({ sinceMs }) => monotonicMs() - sinceMs >= quietMs);
    // Asked before the look: who opens the file later changes it later, and is seen then.
    const written = await openForWriting(due.map(({ sighting }) => sighting.path));
    for (const { sighting } of due) {
      const found = await look(sighting.path);
      if (stopped) return;
      if (written.has(sighting.path) && found.kind === 'file') {
        waiting.set(sighting.path, { sighting: found.sighting, sinceMs: monotonicMs() });
      } else if (found.kind === 'skipped') {
        waiting.delete(sighting.path);
        onGone(sighting.path);
      } else if (isSame(found.sighting, sighting)) {
        take(sighting);
      } else {
        observe(found.sighting);
      }
    }
    checking = false;
    arm();
  }

  return {
    observe,
    get size() {
      return waiting.size;
    },
    list: (): Sighting[] => [...waiting.values()].map(({ sighting }) => sighting),
    stop(): void {
      stopped = true;
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

function isSame(a: Sighting, b: Sighting): boolean {
  return (
    a.sizeBytes === b.sizeBytes &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.inode === b.inode
  );
}
