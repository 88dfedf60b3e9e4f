import type { Dialog, Settings } from 'electron';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createDialogs } from '../../electron/shell/dialogs.ts';
import { menuTemplate, trayTemplate, type Actions } from '../../electron/shell/menu.ts';
import { openStartup } from '../../electron/shell/startup.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A system's own list, and what was asked of it. */
function openItems(has: object = {}) {
  const calls: unknown[] = [];
  return {
    calls,
    getLoginItemSettings(asked?: object) {
      calls.push(['get', asked]);
      return has as Electron.LoginItemSettings;
    },
    setLoginItemSettings: (settings: Settings) => void calls.push(['set', settings]),
  };
}

const PROGRAM = '/opt/Pan-Sea Sync/pansea-sync-app';

/** As the packaged app has it on Linux, with a folder for settings of its own. */
function onLinux(config: string, program = PROGRAM, env: Record<string, string> = {}) {
  return openStartup({
    platform: 'linux',
    isPackaged: true,
    program,
    env: { XDG_CONFIG_HOME: config, ...env },
    items: openItems(),
  })!;
}

const entryOf = (config: string) => join(config, 'autostart', 'pansea-sync.desktop');

test.each(['linux', 'win32', 'darwin', 'freebsd'] as const)(
  'a checkout on %s registers nothing and looks at nothing',
  (platform) => {
    const items = openItems();
    const host = { platform, program: PROGRAM, env: {}, items };
    expect(openStartup({ ...host, isPackaged: false })).toBe(undefined);
    expect(items.calls).toEqual([]);
    expect(openStartup({ ...host, isPackaged: true }) === undefined).toBe(platform === 'freebsd');
  },
);

test('macOS is asked, and says itself that the start was its own', () => {
  const items = openItems({ openAtLogin: true, wasOpenedAtLogin: true });
  const host = { isPackaged: true, program: PROGRAM, env: {}, items };
  const startup = openStartup({ ...host, platform: 'darwin' })!;
  expect([startup.isOn(), startup.isStartOfComputer()]).toEqual([true, true]);
  items.calls.length = 0;
  startup.set(false);
  expect(items.calls).toEqual([['set', { openAtLogin: false }]]);
});

test('Windows starts it without its window, and is asked as its Task Manager has it', () => {
  const items = openItems({ openAtLogin: true, executableWillLaunchAtLogin: false });
  const program = String.raw`C:\Programs\Pan-Sea Sync.exe`;
  const host = { isPackaged: true, program, env: {}, items };
  const startup = openStartup({ ...host, platform: 'win32' })!;
  expect([startup.isOn(), startup.isStartOfComputer()]).toEqual([false, false]);
  startup.set(true);
  expect(items.calls).toEqual([
    ['get', { path: `"${program}"` }],
    ['set', { openAtLogin: true, args: ['--hidden'] }],
  ]);
});

/** The environment in which an AppImage starts what is in it. */
const image = (version: number) => ({
  APPIMAGE: `/home/a/Pan-Sea Sync ${version}.AppImage`,
  APPDIR: '/tmp/.mount_x',
});

describe.skipIf(process.platform === 'win32')('on Linux', () => {
  test('it is an entry of the desktop’s, off until it is wanted, and gone when it is not any more', async () => {
    await using dir = await tempDir();
    const config = join(dir.path, 'new');
    const startup = onLinux(config);
    expect(startup.isOn()).toBe(false);
    startup.set(false);
    startup.set(true);
    startup.set(true);
    expect(onLinux(config).isOn()).toBe(true);
    expect(await readdir(join(config, 'autostart'))).toEqual(['pansea-sync.desktop']);
    expect((await readFile(entryOf(config), 'utf8')).split('\n')).toEqual([
      '[Desktop Entry]',
      'Type=Application',
      'Name=Pan-Sea Sync',
      `Exec="${PROGRAM}" --hidden`,
      `TryExec=${PROGRAM}`,
      'Terminal=false',
      '',
    ]);
    startup.set(false);
    expect(startup.isOn()).toBe(false);
    expect(await readdir(join(config, 'autostart'))).toEqual([]);
  });

  test('what starts is the program, whatever its path is made of', async () => {
    await using dir = await tempDir();
    const folder = join(dir.path, 'a "b" \'c\' $HOME `id` \\ \\n 100%f é\n#;');
    await mkdir(folder);
    const program = join(folder, 'app');
    await writeFile(program, '#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n');
    await chmod(program, 0o755);
    onLinux(dir.path, program).set(true);
    const lines = (await readFile(entryOf(dir.path), 'utf8')).split('\n');
    const valueOf = (key: string) =>
      lines
        .find((line) => line.startsWith(`${key}=`))!
        .slice(key.length + 1)
        .replaceAll(/\\(.)/g, (_, after: string) => (after === 'n' ? '\n' : after));
    expect(valueOf('TryExec')).toBe(program);
    // Within its quotes, the four characters that an entry escapes are the four that a shell reads.
    const command = valueOf('Exec').replaceAll(/%(.)/g, (_, code) => (code === '%' ? '%' : ''));
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command]);
    expect(stdout).toBe(`${program}\n--hidden\n`);
  });

  test.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
    'a desktop that has switched it off by %s has the last word, until a person says otherwise here',
    async (line) => {
      await using dir = await tempDir();
      const startup = onLinux(dir.path);
      startup.set(true);
      await writeFile(entryOf(dir.path), `${await readFile(entryOf(dir.path), 'utf8')}${line}\n`);
      expect(startup.isOn()).toBe(false);
      startup.set(true);
      expect(startup.isOn()).toBe(true);
    },
  );

  test('an AppImage starts by its own file, and a newer one that is opened takes the place of the one before', async () => {
    await using dir = await tempDir();
    const program = '/tmp/.mount_x/pansea-sync-app';
    const starts = async () => (await readFile(entryOf(dir.path), 'utf8')).match(/Exec=.*/)?.[0];
    onLinux(dir.path, program, image(1)).set(true);
    expect(await starts()).toBe('Exec="/home/a/Pan-Sea Sync 1.AppImage" --hidden');
    const second = onLinux(dir.path, program, image(2));
    expect(await starts()).toBe('Exec="/home/a/Pan-Sea Sync 2.AppImage" --hidden');
    expect(second.isOn()).toBe(true);
    second.set(false);
    expect(onLinux(dir.path, program, image(3)).isOn()).toBe(false);
    // Out of another AppImage's terminal.
    onLinux(dir.path, PROGRAM, image(3)).set(true);
    expect(await starts()).toBe(`Exec="${PROGRAM}" --hidden`);
  });

  test('an entry of another copy is not taken for this one, and is left as it is', async () => {
    await using dir = await tempDir();
    onLinux(dir.path, '/opt/another/pansea-sync-app').set(true);
    const before = await readFile(entryOf(dir.path), 'utf8');
    expect(onLinux(dir.path).isOn()).toBe(false);
    expect(await readFile(entryOf(dir.path), 'utf8')).toBe(before);
  });

  test('a folder that cannot be written is said, and read as off', async () => {
    await using dir = await tempDir();
    await writeFile(join(dir.path, 'autostart'), 'a file');
    const startup = onLinux(dir.path);
    expect(startup.isOn()).toBe(false);
    expect(() => startup.set(true)).toThrow(/EEXIST|ENOTDIR/);
    expect(startup.isOn()).toBe(false);
  });
});

type Item = { label?: string; type?: string; checked?: boolean; click?: () => void };

/** What a box says, and what comes of it. */
async function boxOf(
  checkboxChecked: boolean,
  say: (of: ReturnType<typeof createDialogs>) => Promise<boolean>,
) {
  const said: unknown[] = [];
  const showMessageBox = (options: object) => {
    said.push(options);
    return Promise.resolve({ response: 0, checkboxChecked });
  };
  const answer = await say(createDialogs({ showMessageBox } as unknown as Dialog, () => undefined));
  return { answer, said: said[0] };
}

describe('a person', () => {
  const idle = {
    pausedBy: null,
    canUpload: true,
    sentence: 'All is safe.',
    needYou: 0,
    linksEnding: 0,
    staysAwake: true,
  };

  test.each(['linux', 'win32', 'darwin'] as const)(
    'finds the switch in the menu and the tray on %s as it is, and turns it',
    (platform) => {
      for (const isOn of [true, false, undefined]) {
        const wanted: boolean[] = [];
        const actions = { startWithComputer: (is: boolean) => wanted.push(is) };
        const made = actions as unknown as Actions;
        const state = { ...idle, startsWithComputer: isOn };
        const menu = menuTemplate({ platform, isPackaged: true }, state, made)
          .flatMap(({ submenu }) => submenu as Item[])
          .filter((item) => item?.label === 'Start with This Computer');
        const tray = (trayTemplate(state, made) as Item[]).filter(
          ({ label }) => label === 'Start with This Computer',
        );
        expect([menu.length, tray.length]).toEqual(isOn === undefined ? [0, 0] : [1, 1]);
        for (const item of [...menu, ...tray]) {
          expect(item).toMatchObject({ type: 'checkbox', checked: isOn });
          item.click!();
        }
        expect(wanted).toEqual(isOn === undefined ? [] : [!isOn, !isOn]);
      }
    },
  );

  test('is offered it once, with the word of the tray, unticked, and only where it is off', async () => {
    const yes = await boxOf(true, (dialogs) => dialogs.tellOfTray(true));
    expect(yes).toMatchObject({ answer: true, said: { checkboxLabel: expect.any(String) } });
    expect(yes.said).not.toHaveProperty('checkboxChecked');
    expect((await boxOf(false, (dialogs) => dialogs.tellOfTray(true))).answer).toBe(false);
    const none = await boxOf(false, (dialogs) => dialogs.tellOfTray(false));
    expect(none.said).not.toHaveProperty('checkboxLabel');
  });

  test.each([
    ['linux', true, 'does not start', '/config/autostart'],
    ['darwin', true, 'does not start', 'Login Items'],
    ['win32', false, 'still starts', 'Startup'],
  ] as const)(
    'is told why where %s did not do what was wanted',
    async (platform, is, what, why) => {
      const env = { XDG_CONFIG_HOME: '/config' };
      const host = { platform, isPackaged: true, program: PROGRAM, env, items: openItems() };
      const { whyNot } = openStartup(host)!;
      const { said } = await boxOf(false, (dialogs) => dialogs.tellOfStartup(is, whyNot));
      expect(said).toMatchObject({
        message: expect.stringContaining(what),
        detail: expect.stringContaining(why),
      });
      expect(said).toMatchObject({
        detail: expect.stringContaining('recordings go on being uploaded'),
      });
    },
  );
});
