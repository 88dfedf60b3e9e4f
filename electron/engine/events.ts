/** @file What the engine tells its hosts, and how often. */
import type { ErrorCode } from '#shared/errors.ts';
import type { StorageState } from './queue/gate.ts';
import type { WaitReason } from './watch/settle.ts';
import type { Job } from './store/jobs.ts';

export type EngineEvent =
  | Readonly<{ type: 'job'; job: Job }>
  /** More of its bytes have left; the ledger says nothing of them. */
  | Readonly<{ type: 'on-the-way'; jobId: number }>
  | Readonly<{ type: 'settling'; path: string; sizeBytes: number; why: WaitReason }>
  | Readonly<{ type: 'skipped'; path: string; reason: string; code?: ErrorCode | undefined }>
  | Readonly<{ type: 'folder'; path: string; state: 'watching' | 'not-connected'; detail?: string }>
  /** A folder was looked through, all of it or as far as it could be read. */
  | Readonly<{ type: 'scanned'; path: string; isWhole: boolean }>
  /** What is known of the ledger's own state has changed. */
  | Readonly<{ type: 'ledger' }>
  /** The storage was compared with the list by itself: so many recordings are there, and so many are not as they were sent. With a code it was refused. */
  | Readonly<{
      type: 'compared';
      there: number;
      refuted: number;
      code?: ErrorCode;
    }>
  /** New recordings wait for space on the home's disk, or do so no more. */
  | Readonly<{ type: 'disk'; isLow: boolean }>
  /** Recordings wait for the virus scanner, and why; without a code it works again. */
  | Readonly<{ type: 'scanner'; code: ErrorCode | undefined; detail: string | undefined }>
  /** The program that is told what became of recordings has failed, and how; without words it works again. */
  | Readonly<{ type: 'hook'; detail: string | undefined }>
  | Readonly<{
      type: 'storage';
      state: StorageState;
      code?: ErrorCode;
      nextTryAtMs?: number;
    }>;

/** Sends each event to every listener. A listener that throws is the host's bug and does not stop the engine. */
export function createEvents(onListenerError: (error: unknown) => void) {
  const listeners = new Set<(event: EngineEvent) => void>();
  return {
    emit(event: EngineEvent): void {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          onListenerError(error);
        }
      }
    },
    /** @returns A function that ends the subscription. */
    on(listener: (event: EngineEvent) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** How soon a host hears of the same thing again: ten times a second at most. */
export const TELL_EVERY_MS = 100;

/**
 * Lets a job's progress through at most ten times a second; a change of the kind of state always
 * passes, so no host misses an outcome.
 */
export function createProgressLimit(monotonicMs: () => number) {
  /** Of what is on its way: of a million that wait nothing is kept. */
  const lastMs = new Map<number, number>();
  return ({ id, state }: Job): boolean => {
    if (state.kind !== 'uploading') {
      lastMs.delete(id);
      return true;
    }
    const now = monotonicMs();
    const before = lastMs.get(id) ?? -Infinity;
    if (now - before < TELL_EVERY_MS) return false;
    lastMs.set(id, now);
    return true;
  };
}
