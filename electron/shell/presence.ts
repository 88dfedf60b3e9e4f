/** @file What menu and tray show of the engine, and whether the computer stays awake for it, kept up to date. */
import { app, Menu } from 'electron';
import type { Api, StatusView } from '#shared/api.ts';
import type { createAwake } from './awake.ts';
import { menuTemplate, trayTemplate, type Actions, type TrayState } from './menu.ts';
import { standingOf, type Standing } from './standing.ts';
import type { TrayIcon } from './tray.ts';

/**
 * @param startsWithComputer Asked anew whenever something may have changed.
 * @param onStatus Hears of each answer.
 */
export function createPresence(
  api: Api,
  actions: Actions,
  awake: ReturnType<typeof createAwake>,
  startsWithComputer: () => boolean | undefined,
  onStatus: (status: StatusView) => void,
) {
  const host = { platform: process.platform, isPackaged: app.isPackaged };
  let shown = '';
  let shownInTray = '';
  let standing: Standing = 'unknown';
  let told: Omit<TrayState, 'startsWithComputer' | 'staysAwake'> = {
    pausedBy: null,
    canUpload: false,
    sentence: 'Starting…',
    needYou: 0,
    linksEnding: 0,
  };
  let tray: TrayIcon | undefined;
  let isAsking = false;
  let isStale = false;

  /** Only what has changed: a menu that is made anew closes under the person's hand. */
  function render(): void {
    const state: TrayState = {
      ...told,
      startsWithComputer: startsWithComputer(),
      staysAwake: awake.isOn(),
    };
    const { sentence, needYou: _, linksEnding: __, ...menu } = state;
    const next = JSON.stringify(menu);
    if (next !== shown)
      Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(host, state, actions)));
    shown = next;
    const nextInTray = JSON.stringify([standing, state]);
    if (nextInTray !== shownInTray) tray?.update(standing, sentence, trayTemplate(state, actions));
    if (tray) shownInTray = nextInTray;
  }

  async function ask(): Promise<void> {
    const status = await api.getStatus({});
    const { reason, pausedBy, mode, needYou, linksEnding } = status;
    const sentence = awake.follow(status)
      ? `${reason} This computer is kept awake meanwhile.`
      : reason;
    const canUpload = mode === 'demo' || mode === 'ready';
    standing = standingOf(status);
    told = { pausedBy, canUpload, sentence, needYou, linksEnding };
    render();
    onStatus(status);
  }

  render();
  return {
    showTray(icon: TrayIcon): void {
      tray = icon;
      render();
    },
    hasTray: (): boolean => tray !== undefined,
    /** Also what seems unchanged: a checkbox that is pressed turns by itself. */
    redraw(): void {
      shown = '';
      shownInTray = '';
      render();
    },

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
