/** @file When the app may end: at once, after a question, or not at all because it goes on in the tray. */
import type { Undone } from '../engine/window/status.ts';

/** What closing the window means. */
export function decideClose(
  host: Readonly<{ platform: NodeJS.Platform; hasTray: boolean }>,
): 'hide' | 'quit' {
  return host.platform === 'darwin' || host.hasTray ? 'hide' : 'quit';
}

type Ports = Readonly<{
  undone: () => Undone;
  /** @returns Whether to quit all the same. */
  ask: (undone: Undone) => Promise<boolean>;
  /** Puts everything away, resumable, within 5 s. */
  stop: () => Promise<void>;
  exit: () => void;
}>;

export function createQuit({ undone, ask, stop, exit }: Ports) {
  let state: 'open' | 'asking' | 'ending' = 'open';
  return {
    /**
     * Ends the app, unless there are files to go and the person would rather wait. Asks one question
     * at a time; ends once.
     *
     * @param isForced Nobody can be asked: the session ends, or a signal came.
     */
    async request(isForced: boolean): Promise<void> {
      if (state === 'ending' || (state === 'asking' && !isForced)) return;
      const files = undone();
      if (!isForced && files.moving + files.waiting > 0) {
        state = 'asking';
        const mayQuit = await ask(files).catch(() => false);
        // A signal may have come meanwhile.
        if (isEnding()) return;
        state = 'open';
        if (!mayQuit) return;
      }
      state = 'ending';
      try {
        await stop();
      } finally {
        exit();
      }
    },
  };

  function isEnding(): boolean {
    return state === 'ending';
  }
}
