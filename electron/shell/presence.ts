/** @file What menu and tray show of the engine, and whether the computer stays awake for it, kept up to date. */
import { app, Menu } from 'electron';
import type { Api } from '#shared/api.ts';
import type { createAwake } from './awake.ts';
import { menuTemplate, trayTemplate, type Actions, type MenuState } from './menu.ts';
import type { TrayIcon } from './tray.ts';

export function createPresence(api: Api, actions: Actions, awake: ReturnType<typeof createAwake>) {
  const host = { platform: process.platform, isPackaged: app.isPackaged };
  let shown = '';
  let sentence = 'starting';
  let state: MenuState = { isPaused: false, canUpload: false };
  let tray: TrayIcon | undefined;
  let isAsking = false;
  let isStale = false;

  /** Only what has changed: a menu that is made anew closes under the person's hand. */
  function render(): void {
    const next = JSON.stringify(state);
    if (next !== shown)
      Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(host, state, actions)));
    shown = next;
    tray?.update(sentence, trayTemplate(state, actions));
  }

  async function ask(): Promise<void> {
    const status = await api.getStatus({});
    const { reason, isPaused, mode } = status;
    sentence = awake.follow(status) ? `${reason} This computer is kept awake meanwhile.` : reason;
    state = { isPaused, canUpload: mode === 'demo' || mode === 'ready' };
    render();
  }

  render();
  return {
    showTray(icon: TrayIcon): void {
      tray = icon;
      render();
    },
    hasTray: (): boolean => tray !== undefined,

    /** Asks the engine anew; questions that come while one is open become one. Never throws. */
    async refresh(): Promise<void> {
      isStale = true;
      if (isAsking) return;
      isAsking = true;
      while (isStale) {
        isStale = false;
        await ask().catch(() => {}); // Said in the window, which asks the same.
      }
      isAsking = false;
    },
  };
}
