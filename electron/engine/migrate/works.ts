/** @file What a window has done with an archive: one thing at a time, on whatever page is open, told as it goes. */
import { AppError } from '#shared/errors.ts';
import { addTo, noFiles, type Sum } from '#shared/migration/migration.ts';
import type { EndView, LeftWhy, WorkName, WorkView } from '#shared/api/migration-view.ts';
import { TELL_EVERY_MS } from '../events.ts';
import { STOP_MS, within } from '../waiting.ts';
import { endTrouble } from '../window/views.ts';
import type { Log } from '../log.ts';
import { createNames } from './standing.ts';

/** How a work tells how far it is. */
export type Progress = Readonly<{
  /** A file is done. */
  add: (file: Readonly<{ sizeBytes: number }>) => void;
  /** So much is done; of so much, where that is known only now. */
  reach: (phase: WorkView['phase'], done: Sum, total?: Sum | null) => void;
  /** So much of what is not done yet is there already. */
  underWay: (bytes: number) => void;
  /** It begins again. */
  anew: (phase: WorkView['phase']) => void;
  /** A file stays as it is, and why. */
  leave: (path: string, why: LeftWhy) => void;
  /** This is there now. */
  save: (path: string) => void;
}>;

export function createWorks(
  options: Readonly<{
    monotonicMs: () => number;
    log: Log;
    /** Something is to be shown; null: it has ended. */
    tell: (working: WorkView | null) => void;
    /** Hears of every file that stays as it is; a page is told of the first. */
    left: Readonly<{ forgetLeft: () => void; leave: (path: string, why: LeftWhy) => void }>;
  }>,
) {
  const { monotonicMs, log, tell, left: all } = options;
  let current: { cancel: AbortController; over: Promise<void>; view: WorkView } | undefined;
  let ended: EndView | null = null;
  let isStopped = false;
  let looks: Promise<unknown> = Promise.resolve();

  async function run(
    act: (signal: AbortSignal, progress: Progress) => Promise<unknown>,
    view: WorkView,
    cancel: AbortSignal,
  ): Promise<void> {
    let left = createNames<LeftWhy>();
    all.forgetLeft();
    let toldAtMs = -Infinity;
    let done = noFiles();
    let underWay = 0;
    let saved: string | null = null;
    const show = (phase = view.phase) => {
      const isSoon = monotonicMs() - toldAtMs < TELL_EVERY_MS && phase === view.phase;
      Object.assign(view, { phase, done: { ...done, bytes: done.bytes + underWay } });
      if (isStopped || isSoon) return;
      toldAtMs = monotonicMs();
      tell(view);
    };
    const progress: Progress = {
      add(file) {
        addTo(done, file);
        show();
      },
      reach(phase, so, total = view.total) {
        done = so;
        view.total = total;
        show(phase);
      },
      underWay(bytes) {
        underWay = bytes;
        show();
      },
      anew(phase) {
        left = createNames();
        all.forgetLeft();
        done = noFiles();
        show(phase);
      },
      leave(path, why) {
        left.add(why, path);
        all.leave(path, why);
        show();
      },
      save: (path) => void (saved = path),
    };
    show();
    let trouble: EndView['trouble'] = null;
    try {
      await act(cancel, progress);
    } catch (error) {
      if (!cancel.aborted) {
        log('warn', 'A step of a migration failed', { work: view.work, error });
        trouble = endTrouble(error);
      }
    }
    current = undefined;
    const { work } = view;
    ended = { work, wasStopped: cancel.aborted, trouble, done, left: left.list(), saved };
    if (!isStopped) tell(null);
  }

  /** @throws AppError `usage` */
  function assertIdle(): void {
    if (current !== undefined)
      throw new AppError('usage', 'Another step goes on: wait for its end, or stop it');
  }

  return {
    working: (): WorkView | null => current?.view ?? null,
    ended: (): EndView | null => ended,
    /** @throws AppError `usage` while another one goes on. */
    begin(
      work: WorkName,
      total: Sum | null,
      act: (signal: AbortSignal, progress: Progress) => Promise<unknown>,
    ): void {
      if (isStopped) throw new AppError('usage', 'The library is closed');
      assertIdle();
      ended = null;
      const cancel = new AbortController();
      const view: WorkView = { work, phase: null, done: noFiles(), total };
      // Later: what is done at once must not end before it is known.
      const over = looks.then(() => run(act, view, cancel.signal));
      current = { cancel, over, view };
    },
    assertIdle,
    /**
     * No step runs beside what reads a plan as a whole: the next one waits for it.
     *
     * @throws AppError `usage` while one goes on.
     */
    look: <T>(read: () => Promise<T>): Promise<T> => {
      assertIdle();
      const done = read();
      looks = Promise.allSettled([looks, done]).then(() => undefined);
      return done;
    },
    /** The library is closed: what is under way is to go on when it is open again. */
    isClosed: () => isStopped,
    cancel: (): void => current?.cancel.abort(new Error('The person stopped it')),
    async stop(): Promise<void> {
      isStopped = true;
      current?.cancel.abort(new Error('The library is closed'));
      await within(STOP_MS, current?.over);
    },
  };
}
