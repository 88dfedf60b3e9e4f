/** @file When the app may end: at once, after a question, or not at all because it goes on in the tray. */

/** What closing the window means. */
export function decideClose(
  host: Readonly<{ platform: NodeJS.Platform; hasTray: boolean }>,
): 'hide' | 'quit' {
  return host.platform === 'darwin' || host.hasTray ? 'hide' : 'quit';
}

type Ports = Readonly<{
  /** Files being sent or verified. */
  busy: () => number;
  /** @returns Whether to quit all the same. */
  ask: (busy: number) => Promise<boolean>;
  /** Puts everything away, resumable, within 5 s. */
  stop: () => Promise<void>;
  exit: () => void;
}>;

export function createQuit({ busy, ask, stop, exit }: Ports) {
  let state: 'open' | 'asking' | 'ending' = 'open';
  return {
    /**
     * Ends the app, unless files are on their way and the person would rather wait. Asks one question
     * at a time; ends once.
     *
     * @param isForced Nobody can be asked: the session ends, or a signal came.
     */
    async request(isForced: boolean): Promise<void> {
      if (state === 'ending' || (state === 'asking' && !isForced)) return;
      const files = busy();
      if (!isForced && files > 0) {
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
