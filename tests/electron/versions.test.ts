/** @file The app is written for a newer Electron than the tests have: what it uses must be in both. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { needElectron, openPlace, root } from './app.ts';

beforeEach(needElectron);

/** What the sources call an object of Electron that is no module of it. */
const instances = {
  window: 'BrowserWindow',
  contents: 'webContents',
  session: 'session',
  tray: 'Tray',
  note: 'Notification',
} as const;

/** Every `name.member` in the main process's sources, of Electron's modules and of their objects. */
function usedMembers(): { modules: Set<string>; objects: Set<string> } {
  const shell = join(root, 'electron', 'shell');
  const files = readdirSync(shell).map((name) => join(shell, name));
  const modules = new Set<string>();
  const objects = new Set<string>();
  for (const file of [join(root, 'electron', 'main.ts'), ...files]) {
    const text = readFileSync(file, 'utf8');
    const code = text.replaceAll(/'[^']*'/g, `''`);
    const [, list = ''] = /import \{([^}]*)\} from 'electron'/.exec(text) ?? [];
    const names = list.split(',').map((name) => name.trim());
    for (const name of names.filter((it) => it !== '' && !it.startsWith('type ')))
      for (const [, member] of code.matchAll(new RegExp(`(?<![.\\w])${name}\\.(\\w+)`, 'g')))
        modules.add(`${name}.${member}`);
    for (const name of Object.keys(instances))
      for (const [, member] of code.matchAll(new RegExp(`(?<![.\\w])${name}\\.(\\w+)`, 'g')))
        if (/from 'electron'/.test(text) && !names.includes(name)) objects.add(`${name}.${member}`);
  }
  return { modules, objects };
}

/** Of our own window, which the shell's start calls `window`, too. */
const ours = ['show', 'hide', 'send', 'close', 'frame', 'isVisible', 'isInFront', 'contentsId'];

test('each Electron API in use is in the Electron of the tests', async () => {
  const { modules, objects } = usedMembers();
  expect(modules).toContain('app.requestSingleInstanceLock');
  expect(modules).toContain('protocol.handle');
  expect(objects).toContain('contents.setWindowOpenHandler');
  expect(objects).toContain('session.setPermissionCheckHandler');
  const wanted = [
    ...[...modules].map((used) => used.split('.')),
    ...[...objects]
      .filter((used) => !ours.some((name) => used === `window.${name}`))
      .map((used) => used.split('.'))
      .map(([name, member]) => [`${instances[name as keyof typeof instances]}*`, member!]),
  ] as [string, string][];

  await using place = await openPlace();
  await using app = await place.launch();
  const missing = await app.electron.evaluate((electron, members) => {
    const [window] = electron.BrowserWindow.getAllWindows();
    const objectOf: Record<string, unknown> = {
      ...electron,
      'BrowserWindow*': window,
      'webContents*': window!.webContents,
      'session*': electron.session.defaultSession,
      'Tray*': electron.Tray.prototype,
      'Notification*': electron.Notification.prototype,
    };
    return members.filter(([name, member]) => {
      const object = objectOf[name];
      return object === undefined || !(member in (object as object));
    });
  }, wanted);
  console.log(`Electron APIs in use: ${wanted.length}`);
  expect(missing).toEqual([]);
});
