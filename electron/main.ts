/** @file The desktop app: puts engine, window and desktop together. It decides nothing itself. */
import { app, dialog, protocol } from 'electron';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { remedyOf } from '#shared/troubles/catalogue.ts';
import { AppError } from '#shared/errors.ts';
import { defaultHome } from './engine/home/home.ts';
import {
  behaviourSettings,
  readEnvironment,
  type Environment,
} from './engine/settings/settings.ts';
import { foreignSwitches, readArguments } from './shell/arguments.ts';
import { appScheme } from './shell/protocol.ts';
import { startShell } from './shell/start.ts';

// Chromium refuses root otherwise; the window's own `sandbox: true` stays, and with it the preload's.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
protocol.registerSchemesAsPrivileged([appScheme]);
const foreign = app.isPackaged ? foreignSwitches(process.argv, process.platform) : [];
// Those that are read only later do nothing from here on, also while the refusal is being read.
for (const name of foreign) app.commandLine.removeSwitch(name);

/** The environment, and in a checkout the `.env` file under it. @throws AppError `settings-wrong` */
function environment(): Environment {
  return app.isPackaged ? process.env : readEnvironment(process.env, resolve('.env'), false);
}

/** Chromium's files, and with them the lock of the single instance, are beside the home's own. */
function keepProfileIn(home: string): void {
  const profile = join(home, 'window');
  try {
    mkdirSync(profile, { recursive: true, mode: 0o700 });
    app.setPath('userData', profile);
  } catch {
    // A home that cannot be used: the window opens all the same, and the engine says why in it.
  }
}

function endWith(error: unknown): void {
  const { code, title, message } = AppError.from(error);
  // There is no window to correct anything in: what is wrong so early came from outside, as the command line's does.
  const text = `${remedyOf(code, 'cli')}\n\n${message}`;
  process.stderr.write(`${title}\n${text}\n`);
  dialog.showErrorBox(title, text);
  app.exit(1);
}

try {
  if (foreign.length > 0)
    throw new AppError('options-refused', foreign.map((name) => `--${name}`).join(', '));
  const env = environment();
  const { home: chosen, settleMs, graceMs, hook, isDebug } = behaviourSettings(env);
  const given = app.commandLine.getSwitchValue('user-data-dir') || chosen;
  const home = resolve(given ?? defaultHome(env));
  keepProfileIn(home);
  if (app.requestSingleInstanceLock()) {
    const args = readArguments(process.argv);
    // Not awaited at the top: Electron becomes ready only after this module has run.
    app
      .whenReady()
      .then(() => startShell({ env, home, settleMs, graceMs, hook, isDebug, ...args }))
      .catch(endWith);
  } else app.quit();
} catch (error) {
  app.whenReady().then(() => endWith(error), endWith);
}
