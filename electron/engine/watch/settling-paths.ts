import { unlessAborted } from '../waiting.ts';
import type { WaitReason } from './settle.ts';

/** How long nothing may move, beside the quiet time, before a disk counts as silent. */
const SILENT_MS = 60_000;

/** The paths that settle, the folder each was found in, and for which of them somebody who wants an end still waits. */
export function createSettlingPaths({
  quietMs,
  monotonicMs,
}: Readonly<{ quietMs: number; monotonicMs: () => number }>) {
  /** A folder's rule is read when the file has settled: it may have changed. */
  const owners = new Map<string, number>();
  /** Their recorders may take long to go on: nobody waits for them. */
  const inGrace = new Set<string>();
  const waitedFor = new Set<string>();
  const listeners = new Set<() => void>();
  let patientUntilMs = Infinity;

  const isQuiet = (): boolean => waitedFor.size === 0;

  function moved(): void {
    for (const listener of listeners) listener();
  }

  return {
    owner: (path: string): number | undefined => owners.get(path),
    add(path: string, folderId: number): void {
      owners.set(path, folderId);
      waitedFor.add(path);
    },
    /** It was looked at, and has to be looked at again. */
    waits(path: string, why: WaitReason): void {
      if (why === 'unfinished') inGrace.add(path);
      else inGrace.delete(path);
      if (why === 'unfinished' || monotonicMs() > patientUntilMs) waitedFor.delete(path);
      else waitedFor.add(path);
      moved();
    },
    release: (path: string): void => {
      owners.delete(path);
      inGrace.delete(path);
      waitedFor.delete(path);
      moved();
    },
    isQuiet,
    /**
     * Resolves when all has settled but what looks unfinished, and what was seen to change, or to be held
     * open, after `untilMs`. A machine that is slow to look is waited for, however long that takes.
     *
     * @param untilMs On the monotonic clock.
     * @returns False when nothing has moved for too long: a disk does not answer.
     */
    quiet: async (signal: AbortSignal, untilMs: number): Promise<boolean> => {
      patientUntilMs = untilMs;
      for (const path of owners.keys()) if (!inGrace.has(path)) waitedFor.add(path);
      const { promise: ended, resolve } = Promise.withResolvers<boolean>();
      const silence = setTimeout(() => resolve(false), quietMs + SILENT_MS).unref();
      const look = () => (isQuiet() ? resolve(true) : void silence.refresh());
      listeners.add(look);
      look();
      try {
        return await unlessAborted(ended, signal);
      } finally {
        clearTimeout(silence);
        listeners.delete(look);
      }
    },
    clear(): void {
      for (const paths of [owners, inGrace, waitedFor]) paths.clear();
    },
  };
}
