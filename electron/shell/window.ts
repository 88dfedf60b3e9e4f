/** @file The one window. Engine and uploads do not depend on it: it may be hidden, crash and come back. */
import { BrowserWindow, screen, type WebContents } from 'electron';
import type { ApiEvent } from '#shared/api.ts';
import { isOurPage, PAGE_URL } from './pages.ts';
import {
  placeWindow,
  readWindowState,
  SMALLEST,
  writeWindowState,
  type WindowState,
} from './window-state.ts';

type Options = Readonly<{
  preload: string;
  icon: string;
  stateFile: string;
  isHidden: boolean;
  isDark: boolean;
  /** A person closes it; it stays unless `close` is called. */
  onClose: () => void;
  /** Windows shuts down or signs the person out: seconds are left, and nobody can be asked. */
  onSessionEnd: () => void;
  /** Its page has crashed or hangs. @returns Whether it shall be loaded again. */
  onTrouble: (trouble: 'crashed' | 'hangs') => Promise<boolean>;
}>;

export function openWindow(options: Options) {
  const { preload, icon, stateFile, isHidden, isDark, onClose, onSessionEnd, onTrouble } = options;
  const before = readWindowState(stateFile);
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...placeWindow(before, screens),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    title: 'Pan-Sea Sync',
    icon,
    // As in renderer/styles/tokens.css: no flash before the page is there.
    backgroundColor: isDark ? '#0d1417' : '#f3f6f6',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      safeDialogs: true,
    },
  });
  const contents = window.webContents;
  let hasTrouble = false;
  let mustMaximize = before?.isMaximized ?? false;

  function reveal(): void {
    // Not before: maximizing alone would show it.
    if (mustMaximize) window.maximize();
    mustMaximize = false;
    window.show();
  }
  window.once('ready-to-show', () => {
    if (!isHidden) reveal();
  });
  window.on('close', (event) => {
    event.preventDefault();
    onClose();
  });
  window.on('session-end', onSessionEnd);

  async function recover(trouble: 'crashed' | 'hangs'): Promise<void> {
    // A hidden window stays as it is until somebody wants to see it.
    if (hasTrouble || !window.isVisible()) return;
    hasTrouble = true;
    try {
      if ((await onTrouble(trouble)) && !window.isDestroyed()) contents.reload();
    } finally {
      hasTrouble = false;
    }
  }
  contents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') void recover('crashed');
  });
  window.on('unresponsive', () => void recover('hangs'));
  void load(contents, PAGE_URL);

  return {
    /** For dialogs to stand before. */
    frame: window,
    isVisible: (): boolean => !window.isDestroyed() && window.isVisible(),
    /** Before the person, who reads what it says. */
    isInFront: (): boolean => !window.isDestroyed() && window.isFocused(),
    contentsId: (): number | undefined => (window.isDestroyed() ? undefined : contents.id),

    /** To the front, on one of the page's views when one is named. */
    show(hash?: string): void {
      if (window.isDestroyed()) return;
      if (window.isMinimized()) window.restore();
      if (contents.isCrashed() && !hasTrouble) contents.reload();
      reveal();
      window.focus();
      if (hash !== undefined && isOurPage(contents.getURL()))
        void load(contents, `${PAGE_URL}#${hash}`);
    },
    hide: () => window.hide(),

    /** To the page, if there is one that can hear it. */
    send(events: readonly ApiEvent[]): void {
      if (!window.isDestroyed() && !contents.isCrashed()) contents.send('event', events);
    },
    /** For good, whatever its page says. */
    close(): void {
      if (window.isDestroyed()) return;
      writeWindowState(stateFile, stateOf(window));
      window.destroy();
    },
  };
}

/** A load that a newer one overtakes is no failure. */
async function load(contents: WebContents, url: string): Promise<void> {
  await contents.loadURL(url).catch(() => {});
}

function stateOf(window: BrowserWindow): WindowState {
  return { ...window.getNormalBounds(), isMaximized: window.isMaximized() };
}
