import { catalogue } from '#shared/troubles/catalogue.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { retryDelayMs } from '#shared/retry.ts';

export type Trouble = Readonly<{
  code: ErrorCode;
  nextTryAtMs: number;
  failures: number;
  /** For an admin: what the storage said, or whose certificate it was. */
  detail?: string | undefined;
}>;

/** `waiting` with the trouble; `reachable` once it has answered; `unasked`: nothing is left that would ask. */
export type StorageState = 'waiting' | 'reachable' | 'unasked';

export type Gate = ReturnType<typeof createGate>;

/**
 * One door for the whole storage: while it cannot be reached or refuses to sign us in, nothing knocks
 * but one probe at growing intervals, so that a thousand waiting files are not a thousand failures.
 */
export function createGate(options: {
  nowMs: () => number;
  random: () => number;
  onChange: (state: StorageState, trouble?: Trouble) => void;
}) {
  const { nowMs, random, onChange } = options;
  let trouble: Trouble | undefined;
  /** Its answer is news: what was heard of it last is that it does not. */
  let isOut = false;
  return {
    get trouble() {
      return trouble;
    },
    isOpen: () => trouble === undefined || trouble.nextTryAtMs <= nowMs(),
    failed(code: ErrorCode, detail?: string): void {
      // Jobs that were running together fail together; that is one failure.
      if (trouble && trouble.code === code && trouble.nextTryAtMs > nowMs()) return;
      const failures = (trouble?.failures ?? 0) + 1;
      // What needs a person is looked at again only now and then, in case it was put right elsewhere.
      const delayMs =
        catalogue[code].retry === 'after-user' ? 60_000 : retryDelayMs(failures, random);
      trouble = { code, failures, nextTryAtMs: nowMs() + delayMs, detail };
      isOut = true;
      onChange('waiting', trouble);
    },
    succeeded(): void {
      if (!isOut) return;
      isOut = false;
      trouble = undefined;
      onChange('reachable');
    },
    /** Nothing waits for the storage any more, so nothing would ever find out: whoever comes next does. */
    forget(): void {
      if (trouble === undefined) return;
      trouble = undefined;
      onChange('unasked');
    },
    tryNow(): void {
      if (trouble) trouble = { ...trouble, nextTryAtMs: nowMs() };
    },
  };
}
