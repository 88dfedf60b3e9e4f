import { AppError } from '#shared/errors.ts';
import { catalogue } from '#shared/troubles/catalogue.ts';
import { unlessAborted } from '../waiting.ts';
import type { Gate } from './gate.ts';

type IdleOptions = Readonly<{
  gate: Pick<Gate, 'trouble'>;
  isBusy: () => boolean;
  /** What kept the ledger from being written when that was last tried. */
  ledgerTrouble: () => AppError | undefined;
  /** When the next job may start, Unix milliseconds. */
  nextStartMs: () => number | undefined;
  nowMs: () => number;
}>;

/** Whoever waits until a queue has nothing to do. */
export function createIdle({ gate, isBusy, ledgerTrouble, nextStartMs, nowMs }: IdleOptions) {
  const waiters = new Set<() => void>();
  /** Something has changed: those who wait are told whether their wait is over. */
  function check(): void {
    for (const look of waiters) look();
  }

  /**
   * Resolves when nothing runs and nothing will start within `patienceMs`, or sooner when `isDone`.
   *
   * @throws AppError with the storage's trouble, once it has lasted three tries or needs a person;
   *   `home-unusable` when the ledger cannot be written.
   */
  async function wait(
    patienceMs: number,
    signal: AbortSignal,
    isDone: () => boolean = () => false,
  ): Promise<void> {
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (isDone()) return resolve();
      const { trouble } = gate;
      if (isBusy()) return;
      const ledger = ledgerTrouble();
      if (ledger) return reject(ledger);
      if (trouble && (trouble.failures >= 3 || catalogue[trouble.code].retry === 'after-user'))
        return reject(new AppError(trouble.code, trouble.detail));
      const next = nextStartMs();
      if (next === undefined || next > nowMs() + patienceMs) resolve();
    };
    waiters.add(look);
    try {
      look();
      await unlessAborted(over, signal);
    } finally {
      waiters.delete(look);
    }
  }

  return { check, wait };
}
