/** @file Whether the app starts with the computer: kept by the system alone, where a person may change it, too. */
import type { App } from 'electron';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { replaceFile } from '../engine/files/durable-file.ts';

type LoginItems = Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>;
type Host = Readonly<{
  platform: NodeJS.Platform;
  isPackaged: boolean;
  /** The program that runs. */
  program: string;
  env: Readonly<Record<string, string | undefined>>;
  items: LoginItems;
}>;

export type Startup = Readonly<{
  /** As the system has it now. Never throws. */
  isOn: () => boolean;
  /** A system may refuse without a word: what holds is what `isOn` says then. @throws The system’s error. */
  set: (isOn: boolean) => void;
  /** Whether this very start was the computer’s, where no argument can say so. */
  isStartOfComputer: () => boolean;
  /** Why the system may have done otherwise, in a person’s words. */
  whyNot: string;
}>;

const systems: Readonly<Partial<Record<NodeJS.Platform, (host: Host) => Startup>>> = {
  darwin: ({ items }) => ({
    isOn: () => items.getLoginItemSettings().openAtLogin,
    set: (isOn) => items.setLoginItemSettings({ openAtLogin: isOn }),
    isStartOfComputer: () => items.getLoginItemSettings().wasOpenedAtLogin,
    whyNot: 'Change it in System Settings, under General, Login Items.',
  }),
  win32: ({ items, program }) => ({
    // `openAtLogin` overlooks the Task Manager’s own switch. The path is read as a command line, up to the first
    // space unless it is quoted: https://github.com/electron/electron/issues/53911
    isOn: () => items.getLoginItemSettings({ path: `"${program}"` }).executableWillLaunchAtLogin,
    // Without a path it is this program, and Electron itself quotes it.
    set: (isOn) => items.setLoginItemSettings({ openAtLogin: isOn, args: ['--hidden'] }),
    isStartOfComputer: () => false,
    whyNot: 'Change it in Settings, under Apps, Startup.',
  }),
  linux: entryIn,
};

/** `undefined` where there is no such thing; in a checkout it would be Electron that starts, without the app. */
export function openStartup(host: Host): Startup | undefined {
  return host.isPackaged ? systems[host.platform]?.(host) : undefined;
}

/** A file of the person’s own: https://specifications.freedesktop.org/autostart-spec/latest/ */
function entryIn({ env, program }: Host): Startup {
  const config = env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const path = join(config, 'autostart', 'pansea-sync.desktop');
  const image = imageOf(env, program);
  const started = quoted(image ?? program);
  const entry = [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Pan-Sea Sync',
    `Exec=${started} --hidden`,
    // Once it is uninstalled, desktops pass over the entry.
    `TryExec=${escaped(image ?? program)}`,
    'Terminal=false',
    '',
  ].join('\n');

  function set(isOn: boolean): void {
    if (!isOn) return rmSync(path, { force: true });
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, entry);
  }

  const isOurs = (line: string) => line.startsWith('Exec=') && line.includes(started);
  const lines = enabledLines(path);
  // A new version’s AppImage has another name: the one that was opened last is the one that starts.
  if (image !== undefined && lines.length > 0 && !lines.some(isOurs)) {
    try {
      set(true);
    } catch {
      // Then it is shown as off, and switching it on says why not.
    }
  }
  return {
    isOn: () => enabledLines(path).some(isOurs),
    set,
    isStartOfComputer: () => false,
    whyNot: `It is kept in ${dirname(path)}, which cannot be changed: it may be read-only, or the disk is full.`,
  };
}

/** None when there is no entry, or a desktop’s own settings have switched it off. */
function enabledLines(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    const isOff = /^(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/;
    return lines.some((line) => isOff.test(line)) ? [] : lines;
  } catch {
    return [];
  }
}

/** The AppImage’s file: what runs is in a folder that is gone afterwards. A terminal may have handed down another’s. */
function imageOf(env: Host['env'], program: string): string | undefined {
  const { APPIMAGE: image, APPDIR: folder } = env;
  return image && folder && program.startsWith(`${folder}${sep}`) ? image : undefined;
}

/** A value: https://specifications.freedesktop.org/desktop-entry-spec/latest/value-types.html */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** An argument, escaped twice: https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html */
function quoted(text: string): string {
  return escaped(`"${text.replaceAll(/["`$\\]/g, String.raw`\$&`).replaceAll('%', '%%')}"`);
}
