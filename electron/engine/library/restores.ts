/** @file What was asked for out of an archive is looked for until it can be read: kindly, and only while something is open. */
import { AppError } from '#shared/errors.ts';
import { DAY_MS } from '#shared/time.ts';
import { mustHead } from './objects.ts';
import { lookEveryMs } from './restore.ts';
import { hearOthers } from '../home/news.ts';
import type { Remote } from '../s3/remote.ts';
import type { Restore, RestoreStore } from '../store/restores.ts';

export type Restores = ReturnType<typeof createRestores>;

const HEARD_MS = 10 * 60_000;
/** Amazon S3 takes two days at most, out of its deepest archive and at its cheapest. */
const LONGEST_MS = 7 * DAY_MS;

type Options = Readonly<{
  remote: Remote | undefined;
  store: RestoreStore;
  /** In it other processes write what they have asked for. */
  homePath: string;
  nowMs: () => number;
  /** How long to leave the storage alone between two looks for one of that speed. */
  everyMs?: typeof lookEveryMs;
  /** Some can be read now, or will not be. */
  onChange: () => void;
  onUnexpected: (error: unknown) => void;
}>;

export function createRestores(options: Options) {
  const { remote, store, homePath, nowMs, onChange, onUnexpected } = options;
  const everyMs = options.everyMs ?? lookEveryMs;
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Infinity;
  let looking: Promise<void> | undefined;
  const hearNoMore = hearOthers(homePath, arm);
  let restored: { files: number; name: string } | undefined;

  /** Looks again later, as long as there is something to look for; never later than it was going to. */
  function arm(): void {
    if (remote === undefined || ending.signal.aborted) return;
    const speeds = store.open(remote.place).map(({ speed }) => speed);
    const waitMs = Math.min(...speeds.map(everyMs)); // Infinity for none.
    if (nowMs() + waitMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = nowMs() + waitMs;
    timer = setTimeout(look, waitMs).unref();
  }

  function look(): void {
    clearTimeout(timer);
    dueMs = Infinity;
    looking ??= lookAtAll()
      .catch((error: unknown) => {
        if (!ending.signal.aborted && !(error instanceof AppError)) onUnexpected(error);
      })
      .finally(() => {
        looking = undefined;
        arm();
      });
  }

  /** @throws AppError trouble with the storage: the others would have it, too. */
  async function lookAtAll(): Promise<void> {
    if (remote === undefined) return;
    store.forget(nowMs());
    let isNews = false;
    try {
      for (const restore of store.open(remote.place))
        isNews = (await hasEnded(remote, restore).catch(givenUp(restore))) || isNews;
    } finally {
      // Those that ended together are told of together.
      if (isNews) onChange();
    }
  }

  /** Its own trouble keeps no other waiting, and is not asked about for ever. */
  const givenUp = (restore: Restore) => (error: unknown) => {
    if (!(error instanceof AppError) || error.scope === 'storage') throw error;
    const isOver = nowMs() - restore.askedAtMs > LONGEST_MS;
    if (isOver) store.remove(restore.key, restore.place);
    return isOver;
  };

  async function hasEnded(from: Remote, restore: Restore): Promise<boolean> {
    const state = await stateOf(from, restore.key);
    if (state?.kind === 'restoring' || ending.signal.aborted) return false;
    // A storage of many machines may not say at once that it has begun.
    if (state?.kind === 'archived' && nowMs() - restore.askedAtMs < HEARD_MS) return false;
    if (state === undefined || state.kind === 'archived') {
      store.remove(restore.key, restore.place);
      return true;
    }
    store.readable(restore, state.kind === 'restored' ? state.untilMs : undefined, nowMs());
    restored = { files: (restored?.files ?? 0) + 1, name: restore.name };
    return true;
  }

  /** `undefined` for what is gone. */
  async function stateOf(from: Remote, key: string) {
    try {
      return (await mustHead(from, key, ending.signal)).readability;
    } catch (error) {
      if (error instanceof AppError && error.code === 'no-object') return undefined;
      throw error;
    }
  }

  return {
    /** Looks for those that are open, and goes on with that. After one was asked for it is called again. */
    start: look,
    /** How many came to be readable since, and the name of the last. */
    restored: () => restored,
    async stop(): Promise<void> {
      ending.abort(new Error('The library closes'));
      hearNoMore();
      clearTimeout(timer);
      await looking;
    },
  };
}
