/** @file Window, menu and tray, put together around one engine. */
import {
  app,
  dialog,
  ipcMain,
  nativeTheme,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  session,
  shell,
} from 'electron';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from '#shared/api.ts';
import { pauseEndMs } from '#shared/pause.ts';
import { HOUR_MS } from '#shared/time.ts';
import { openLog } from '../engine/log.ts';
import type { AppHost } from '../engine/window/host.ts';
import { readArguments, type Arguments } from './arguments.ts';
import { createDialogs, failureBox } from './dialogs.ts';
import { openEngine, type EngineOptions } from './engine-host.ts';
import { openInBrowser } from './external.ts';
import { createAwake } from './awake.ts';
import { createBattery } from './battery.ts';
import { attachApi, createPush } from './ipc.ts';
import type { Actions } from './menu.ts';
import { guardNavigation } from './navigation.ts';
import { APP_SCHEME } from './pages.ts';
import { refusePermissions } from './permissions.ts';
import { followPower } from './power.ts';
import { createPresence } from './presence.ts';
import { servePage } from './protocol.ts';
import { showNote } from './note.ts';
import { createQuit, decideClose } from './quit.ts';
import { within } from '../engine/waiting.ts';
import { createNews, type Standing } from './standing.ts';
import { openStartup } from './startup.ts';
import { hasTrayHost } from './tray-host.ts';
import { showTray } from './tray.ts';
import { openWindow } from './window.ts';

const GUIDE =
  'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html';
/** More than the host's own limit. */
const STOP_MS = 7_000;
/** At a start with the computer, whoever shows icons may come after the app: so long it is looked for, and so often. */
const TRAY_WAIT_MS = 120_000;
const TRAY_TURN_MS = 5_000;
/** The last day of a link begins without any other event. */
const CLOCK_MS = HOUR_MS;

type ShellOptions = EngineOptions & Arguments & Readonly<{ isDebug: boolean }>;

/** Once Electron is ready: shows the window first, then opens the engine, for which the window's questions wait. */
export function startShell(options: ShellOptions): void {
  const { env, home, isDebug } = options;
  const { platform } = process;
  const log = openLog(home, isDebug);
  const logged = (error: unknown) => log('error', 'The shell failed', { error });
  const browse = (address: string) => void openInBrowser(shell, address).catch(logged);

  // As the installer has it (electron-builder.yml): Windows shows notes of whom it knows by one.
  app.setAppUserModelId('org.pansea.sync');
  guardNavigation(app, browse);
  refusePermissions(session.defaultSession, () => window.contentsId());
  const findPreview = (id: string) => engine?.preview(id);
  protocol.handle(APP_SCHEME, servePage(place('out', 'renderer'), findPreview));

  const { isPackaged } = app;
  const startup = openStartup({ platform, isPackaged, program: process.execPath, env, items: app });
  const isHidden = options.isHidden || startup?.isStartOfComputer() === true;
  const dialogs = createDialogs(dialog, () => (window.isVisible() ? window.frame : undefined));
  const window = openWindow({
    preload: place('out', 'preload', 'preload.cjs'),
    icon: place('resources', 'icons', '256x256.png'),
    stateFile: join(home, 'window', 'window.json'),
    isHidden,
    isDark: nativeTheme.shouldUseDarkColors,
    onClose: () => {
      const hasTray = presence.hasTray();
      if (decideClose({ platform, hasTray }) === 'hide') void hide().catch(logged);
      else void quit.request(false);
    },
    onSessionEnd: () => void quit.request(true),
    onTrouble: (trouble) => {
      log('error', 'The window has trouble', { trouble });
      return dialogs.tellWindowTrouble(trouble);
    },
  });

  let engine: AppHost | undefined;
  let failure: unknown;
  const isOnBattery = createBattery({
    power: powerMonitor,
    platform,
    monotonicMs: () => performance.now(),
  });
  const opening = openEngine(options, dialogs, isOnBattery);
  const serve = async (name: unknown, input: unknown) => (await opening).serve(name, input);
  const api = createClient(serve);
  const quit = createQuit({
    undone: () => engine?.undone() ?? { moving: 0, waiting: 0 },
    ask: dialogs.confirmQuit,
    stop: () =>
      within(
        STOP_MS,
        opening.then(
          (host) => host.stop(),
          () => {}, // Never opened: nothing to put away.
        ),
      ),
    exit: () => {
      window.close();
      if (failure !== undefined) dialog.showErrorBox(...failureBox(failure));
      app.exit(failure === undefined ? 0 : 1);
    },
  });
  const setPaused = (isPaused: boolean, untilMs: number | null) =>
    void api.setPaused({ isPaused, untilMs }).catch(logged);
  const actions: Actions = {
    show: (view) => window.show(view),
    pause: (length) => setPaused(true, pauseEndMs(length, Date.now())),
    resume: () => setPaused(false, null),
    tryNow: () => void api.tryStorageNow({}).catch(logged),
    startWithComputer: (isWanted) => void startWithComputer(isWanted).catch(logged),
    stayAwake,
    openLogs: () => void shell.openPath(join(home, 'logs')).catch(logged),
    openGuide: () => browse(GUIDE),
    about: () => app.showAboutPanel(),
    quit: () => void quit.request(false),
  };
  const awake = createAwake({
    blocker: powerSaveBlocker,
    isOnBattery,
    offFile: join(home, 'window', 'may-fall-asleep'),
  });
  const newsIn = createNews(Date.now);
  const presence = createPresence(
    api,
    actions,
    awake,
    () => startup?.isOn(),
    (status) => {
      const news = newsIn(status, window.isInFront());
      if (news) showNote(news, () => window.show(news.page));
    },
  );

  const dropped = (path: string) => void opening.then((host) => host.dropped(path)).catch(logged);
  attachApi(ipcMain, serve, dropped, () => window.contentsId());
  void opening.then((host) => follow(host).catch(logged), fail);
  void lookForTray().catch(logged);
  listen();

  /** To the tray; the first time it says where the window has gone. On macOS everybody knows. */
  async function hide(): Promise<void> {
    const told = join(home, 'window', 'told-of-tray');
    if (platform !== 'darwin' && !existsSync(told)) {
      if (await dialogs.tellOfTray(startup?.isOn() === false)) await startWithComputer(true);
      writeFileSync(told, '');
    }
    window.hide();
  }

  /** A person wants it so; what the system has made of it is what is shown. */
  async function startWithComputer(isWanted: boolean): Promise<void> {
    try {
      startup?.set(isWanted);
    } catch (error) {
      logged(error);
    }
    presence.redraw();
    if (startup && startup.isOn() !== isWanted)
      await dialogs.tellOfStartup(isWanted, startup.whyNot);
  }

  function stayAwake(isWanted: boolean): void {
    try {
      awake.set(isWanted);
    } catch (error) {
      logged(error);
    }
    presence.redraw();
    void presence.refresh();
  }

  /** Engine → window, menu and tray. */
  async function follow(host: AppHost): Promise<void> {
    engine = host;
    const push = createPush((events) => window.send(events));
    host.onEvent((event) => {
      push(event);
      if (event.type === 'status') void presence.refresh();
    });
    setInterval(() => void presence.refresh(), CLOCK_MS).unref();
    await presence.refresh();
  }

  /** What nobody expected: an app that uploads nothing must not look as if it did. The rest is in the window, in words. */
  function fail(error: unknown): void {
    logged(error);
    failure ??= error;
    void quit.request(true);
  }

  async function lookForTray(): Promise<void> {
    const until = isHidden ? performance.now() + TRAY_WAIT_MS : 0;
    while (!(await hasTrayHost(platform, env))) {
      if (performance.now() > until) return;
      await wait(TRAY_TURN_MS);
    }
    // Of a template macOS takes the shape alone, and tells it by the end of its name.
    const template = platform === 'darwin' ? 'Template' : '';
    const imageOf = (standing: Standing) =>
      place('resources', 'tray', `${standing}${template}.png`);
    presence.showTray(showTray(imageOf, () => window.show()));
  }

  function listen(): void {
    app.on('second-instance', (_event, argv) => {
      if (!readArguments(argv).isHidden) window.show();
    });
    app.on('activate', () => window.show());
    // Back from the system's settings, perhaps.
    app.on('browser-window-focus', () => void presence.refresh());
    app.on('before-quit', (event) => {
      event.preventDefault();
      void quit.request(false);
    });
    app.on('window-all-closed', () => void quit.request(true));
    followPower(powerMonitor, {
      woke: () => engine?.woke(),
      slept: () => engine?.slept(),
      end: () => void quit.request(true),
      switched: () => void presence.refresh(),
      isOnBattery,
      platform,
    });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => void quit.request(true));
    process.on('unhandledRejection', logged);
    process.on('uncaughtException', fail);
  }
}

/** A file that is shipped with the app. */
function place(...parts: string[]): string {
  return join(app.getAppPath(), ...parts);
}
