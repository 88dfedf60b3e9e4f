import type { BrowserWindow, Dialog } from 'electron';
import * as fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDialogs, desktopOf } from '../../electron/shell/dialogs.ts';
import { openInBrowser, safeAddress } from '../../electron/shell/external.ts';
import { menuTemplate, trayTemplate, type Actions } from '../../electron/shell/menu.ts';
import { hasTrayHost } from '../../electron/shell/tray-host.ts';
import {
  placeWindow,
  readWindowState,
  writeWindowState,
} from '../../electron/shell/window-state.ts';
import { tempDir } from '../support/temp-dir.ts';

/** What the browser is given for an address. */
async function opened(address: string): Promise<string[]> {
  const given: string[] = [];
  const openExternal = (url: string) => {
    given.push(url);
    return Promise.resolve();
  };
  await openInBrowser({ openExternal }, address);
  return given;
}

describe('links to the browser', () => {
  test('the AWS guide may be opened', async () => {
    expect(await opened('https://docs.aws.amazon.com/AmazonS3/latest/')).toEqual([
      'https://docs.aws.amazon.com/AmazonS3/latest/',
    ]);
  });

  test.each([
    'http://docs.aws.amazon.com/',
    'https://docs.aws.amazon.com.evil.test/',
    'https://evil.test/docs.aws.amazon.com',
    'https://docs.aws.amazon.com@evil.test/',
    'https://user:pass@docs.aws.amazon.com/',
    'https://docs.aws.amazon.com:8443/',
    'https://bucket.s3.amazonaws.com/audio/x.mp3?X-Amz-Signature=a',
    'file:///etc/passwd',
    'smb://evil/share',
    'ms-settings:privacy',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' https://docs.aws.amazon.com/',
    'https://docs.aws.amazon.com/\n',
    'ht\ttps://docs.aws.amazon.com/',
    'https:\\\\docs.aws.amazon.com\\',
    'https://docs.aws.amazon.com/%0d%0a\u202e',
    '--version',
    '',
  ])('%j is never opened', async (address) => {
    expect(await opened(address)).toEqual([]);
  });

  test('whatever is opened is https to a host of the list', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.webUrl(), fc.webUrl({ validSchemes: ['ftp'] })),
        (address) => {
          const safe = safeAddress(address);
          expect(safe === undefined || safe.startsWith('https://docs.aws.amazon.com/')).toBe(true);
        },
      ),
    );
  });
});

describe('the window’s place', () => {
  const screen = { x: 0, y: 0, width: 1_920, height: 1_080 };
  const before = { x: 100, y: 50, width: 900, height: 600, isMaximized: false };

  test('is where it was, as long as enough of it can be seen', () => {
    const { x, y, width, height } = before;
    expect(placeWindow(before, [screen])).toEqual({ x, y, width, height });
    expect(placeWindow({ ...before, x: 1_800 }, [screen])).toMatchObject({ x: 1_800 });
    for (const place of [{ x: 1_900 }, { x: -850 }, { y: 1_050 }, { y: -10 }, { x: 4_000 }])
      expect(placeWindow({ ...before, ...place }, [screen])).toEqual({ width, height });
    expect(placeWindow(undefined, [screen])).toEqual({ width: 1_080, height: 720 });
  });

  test('is kept between two starts, and nonsense in its file is as good as no file', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, 'new', 'window.json');
    expect(readWindowState(file)).toBeUndefined();
    writeWindowState(file, before);
    expect(readWindowState(file)).toEqual(before);
    for (const text of ['', '{', '{"x":1}', 'null', JSON.stringify({ ...before, width: 1 })]) {
      await writeFile(file, text);
      expect(readWindowState(file)).toBeUndefined();
    }
    // A folder that cannot be made keeps nothing from closing.
    writeWindowState(join(file, 'below', 'a-file.json'), before);
  });
});

/** Dialogs that all get the same answer, and what they were asked. */
function fake(answer: object): { dialog: Dialog; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const show = (...args: unknown[]) => {
    calls.push(args);
    return Promise.resolve(answer);
  };
  const dialog = { showMessageBox: show, showOpenDialog: show, showSaveDialog: show };
  return { dialog: dialog as unknown as Dialog, calls };
}

describe('dialogs', () => {
  const window = {} as BrowserWindow;

  test('quitting with work left says what does not go on until the next time, and the safe answer is the usual one', async () => {
    const { dialog, calls } = fake({ response: 0 });
    expect(await createDialogs(dialog, () => window).confirmQuit({ moving: 1, waiting: 0 })).toBe(
      true,
    );
    expect(calls).toMatchObject([
      [
        window,
        {
          message: '1 recording is on the way',
          detail: expect.stringMatching(
            /nothing is lost, and nothing goes up until .* is open again/,
          ),
          buttons: ['Quit', 'Keep it open'],
          defaultId: 1,
          cancelId: 1,
        },
      ],
    ]);
    const no = fake({ response: 1 });
    const { confirmQuit } = createDialogs(no.dialog, () => undefined);
    expect(await confirmQuit({ moving: 2, waiting: 1 })).toBe(false);
    expect(await confirmQuit({ moving: 0, waiting: 3 })).toBe(false);
    expect(no.calls).toMatchObject([
      [{ message: '2 recordings are on the way, 1 more is still to go up' }],
      [{ message: '3 recordings are still to go up' }],
    ]);
  });

  test('trouble with the window says that uploads go on', async () => {
    for (const trouble of ['crashed', 'hangs'] as const) {
      const { dialog, calls } = fake({ response: 0 });
      expect(await createDialogs(dialog, () => window).tellWindowTrouble(trouble)).toBe(true);
      expect(calls[0]![1]).toMatchObject({ detail: expect.stringContaining('they go on') });
    }
  });

  test('a folder that was not chosen is none', async () => {
    const none = fake({ canceled: true, filePaths: [] });
    expect(await createDialogs(none.dialog, () => window).chooseFolder()).toBeUndefined();
    const one = fake({ canceled: false, filePaths: ['/recordings'] });
    const dialogs = createDialogs(one.dialog, () => undefined);
    expect(await dialogs.chooseFolder()).toBe('/recordings');
    expect(await dialogs.chooseFile('mapping')).toBe('/recordings');
    expect(await dialogs.chooseFiles()).toEqual(['/recordings']);
    expect(one.calls[1]).toMatchObject([{ title: 'Choose the mapping', properties: ['openFile'] }]);
  });

  test.each(['lecture.mp3', '../../.bashrc', '/etc/passwd', 'C:\\a\\b.mp3', '..\\x.mp3', '..'])(
    'a download of %j is offered inside the downloads folder',
    async (name) => {
      const { dialog, calls } = fake({ canceled: true, filePath: '' });
      const desktop = desktopOf(
        createDialogs(dialog, () => undefined),
        {
          revealFile: () => {},
          copyText: () => Promise.resolve(),
          isOnBattery: () => false,
          keys: {
            isSafe: () => true,
            seal: () => Promise.resolve(new Uint8Array()),
            open: () => Promise.resolve(''),
          },
          downloads: () => `${sep}downloads`,
        },
      );
      expect(await desktop.chooseSavePath(name, () => false)).toBeUndefined();
      const { defaultPath } = calls[0]![0] as { defaultPath: string };
      expect(defaultPath).toMatch(/^[/\\]downloads([/\\][^/\\]+)?$/);
    },
  );
});

describe('a tray', () => {
  const session = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus' };

  test('is there on Windows and macOS; on Linux when somebody shows icons', async () => {
    expect(await hasTrayHost('win32', {})).toBe(true);
    expect(await hasTrayHost('darwin', {})).toBe(true);
    expect(await hasTrayHost('linux', session, async () => '   boolean true\n')).toBe(true);
    expect(await hasTrayHost('linux', session, async () => '   boolean false\n')).toBe(false);
  });

  test('is not there without a session, or when the question fails', async () => {
    const questions: string[] = [];
    const fail = (program: string) => {
      questions.push(program);
      return Promise.reject(new Error('there is no such program'));
    };
    expect(await hasTrayHost('linux', { XDG_RUNTIME_DIR: '' }, fail)).toBe(false);
    expect(questions).toEqual([]);
    expect(await hasTrayHost('linux', session, fail)).toBe(false);
    expect(questions).toEqual(['dbus-send']);
  });
});

type Item = { label?: string; submenu?: Item[]; click?: () => void; enabled?: boolean };

const find = (items: readonly Item[], label: string): Item | undefined =>
  items.flatMap((item) => [item, ...(item.submenu ?? [])]).find((item) => item.label === label);

/** Actions that note themselves, and a hand that presses. */
function openMenu(make: (actions: Actions) => unknown) {
  const did: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void did.push([name, ...args]);
  const names = ['show', 'pause', 'resume', 'tryNow', 'openLogs', 'openGuide', 'about', 'quit'];
  const actions = Object.fromEntries(names.map((name) => [name, note(name)]));
  const items = make(actions as unknown as Actions) as Item[];
  return { items, did, press: (label: string) => find(items, label)!.click!() };
}

describe('menus', () => {
  const own = { startsWithComputer: undefined, staysAwake: true };
  const idle = { pausedBy: null, canUpload: true, ...own };

  test.each(['linux', 'win32', 'darwin'] as const)(
    'on %s lead to every view, to help and to the way out',
    (platform) => {
      const { items, did, press } = openMenu((actions) =>
        menuTemplate({ platform, isPackaged: true }, idle, actions),
      );
      for (const label of [
        'Queue',
        'Library',
        'Links',
        'Settings',
        'Settings…',
        'History',
        'Archive',
      ])
        press(label);
      for (const label of ['Show Log Files', 'AWS Guide to Bucket Permissions']) press(label);
      press('Quit Pan-Sea Sync');
      expect(did).toEqual([
        ...['queue', 'library', 'links', 'settings', 'settings', 'history', 'archive'].map(
          (view) => ['show', view],
        ),
        ['openLogs'],
        ['openGuide'],
        ['quit'],
      ]);
      expect(JSON.stringify(items)).not.toContain('toggleDevTools');
    },
  );

  test('pause and resume by what the uploads are doing, and offer neither without a storage', () => {
    const tray = { ...idle, sentence: '2 files are waiting.', needYou: 0, linksEnding: 0 };
    const running = openMenu((actions) => trayTemplate(tray, actions));
    for (const label of ['For an Hour', 'Until Tomorrow, 07:00', 'Until I Resume'])
      running.press(label);
    expect(running.did).toEqual([
      ['pause', 'hour'],
      ['pause', 'tomorrow'],
      ['pause', 'resumed'],
    ]);
    expect(find(running.items, 'Resume Uploads')).toBe(undefined);
    const paused = openMenu((actions) => trayTemplate({ ...tray, pausedBy: 'person' }, actions));
    paused.press('Resume Uploads');
    expect(paused.did).toEqual([['resume']]);
    expect(find(paused.items, 'Pause Uploads')).toBe(undefined);
    const onBattery = { ...tray, pausedBy: 'battery' } as const;
    const waiting = openMenu((actions) => trayTemplate(onBattery, actions));
    waiting.press('Send Anyway');
    expect(waiting.did).toEqual([['resume']]);
    const none = openMenu((actions) => trayTemplate({ ...tray, canUpload: false }, actions));
    expect(find(none.items, 'Pause Uploads')?.enabled).toBe(false);
  });

  test('in the tray say how it is, and lead to what needs a person', () => {
    const tray = { ...idle, sentence: '2 files need you.', needYou: 2, linksEnding: 1 };
    const { items, did, press } = openMenu((actions) => trayTemplate(tray, actions));
    expect(items[0]).toEqual({ label: '2 files need you.', enabled: false });
    press('See What Needs You (2)');
    press('1 link ends within a day');
    expect(did).toEqual([
      ['show', 'queue'],
      ['show', 'links'],
    ]);
    const none = { ...tray, needYou: 0, linksEnding: 0 };
    const calm = openMenu((actions) => trayTemplate(none, actions));
    expect(calm.items.some(({ label }) => /^See|link/.test(label ?? ''))).toBe(false);
  });
});
