import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { beforeEach, expect, test } from 'vitest';
import { PAGE_URL } from '../../electron/shell/pages.ts';
import { needElectron, openPlace } from './app.ts';

beforeEach(needElectron);

test('the page has the bridge and nothing else of the computer', async () => {
  await using place = await openPlace();
  await using app = await place.launch();
  const found = await app.page.evaluate(() => ({
    names: ['require', 'process', 'module', 'Buffer', 'global', 'electron'].filter(
      (name) => name in globalThis,
    ),
    bridge: Object.keys(bridge).toSorted(),
    frozen: Object.isFrozen(bridge),
  }));
  expect(found).toEqual({ names: [], bridge: ['onEvent', 'pathOf', 'send'], frozen: true });
  const preferences = await app.electron.evaluate(({ BrowserWindow }) =>
    // Not in the types: for tests such as this one.
    (
      BrowserWindow.getAllWindows()[0]!.webContents as unknown as {
        getLastWebPreferences: () => Record<string, unknown>;
      }
    ).getLastWebPreferences(),
  );
  expect(preferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
  });
});

test('a call that there is not, or of a wrong shape, is answered in words', async () => {
  await using place = await openPlace();
  await using app = await place.launch();
  const ask = (name: string, input: unknown) =>
    app.page.evaluate(([call, given]) => bridge.send(call, given), [name, input] as const);
  expect(await ask('readFile', { path: '/etc/passwd' })).toEqual({
    ok: false,
    code: 'usage',
    detail: 'There is no such call',
  });
  expect(await ask('setPaused', { isPaused: 'yes' })).toMatchObject({ ok: false, code: 'usage' });
  expect(await ask('getStatus', {})).toMatchObject({ ok: true });
});

test('a page names no folder that no person has shown, whatever it says of itself', async () => {
  await using place = await openPlace();
  await using app = await place.launch();
  const rule = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
  const folder = { path: place.folder, rule: { ...rule, include: [], exclude: [] } };
  const refused = { ok: false, code: 'usage', detail: expect.stringMatching(/^Choose it/) };
  const ask = () =>
    app.page.evaluate(async (given) => {
      const { send } = bridge as unknown as { send: (...of: unknown[]) => Promise<unknown> };
      const pathOf = (bridge as unknown as { pathOf: (file: File) => string }).pathOf;
      pathOf(new File(['sound'], given.path));
      await send(null, null, given.path);
      await send('chooseFolder', { path: given.path }, given.path).catch(() => {});
      return [await send('previewFolder', given), await send('saveFolder', given, given.path)];
    }, folder);
  await app.electron.evaluate(({ dialog }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: true, filePaths: [] });
  });
  expect(await ask()).toEqual([refused, refused]);
  expect(await app.addFolder(folder)).toMatchObject({ path: place.folder });
});

test('another window or a frame that gets hold of the bridge is not answered', async () => {
  await using place = await openPlace();
  await using app = await place.launch();
  const answer = await app.electron.evaluate(async ({ app: electronApp, BrowserWindow }, url) => {
    const preload = `${electronApp.getAppPath()}/out/preload/preload.cjs`;
    const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
    await other.loadURL(url);
    return other.webContents.executeJavaScript(`bridge.send('getStatus', {})`) as unknown;
  }, PAGE_URL);
  expect(answer).toEqual({ ok: false, code: 'usage', detail: 'This page may not ask' });
});

test('the page stays: no other page, no window, no frame, no download', async () => {
  await using place = await openPlace();
  await using web = await openWeb();
  await using app = await place.launch();
  const heading = app.page.getByRole('heading', { level: 1, name: 'Queue' });
  await heading.waitFor();
  // What reaches the main process, in order, and whether the app stopped it.
  await app.electron.evaluate(({ BrowserWindow, shell }) => {
    const noted = (globalThis.noted = [] as string[]);
    shell.openExternal = (url) => {
      noted.push(`browser ${url}`);
      return Promise.resolve();
    };
    BrowserWindow.getAllWindows()[0]!.webContents.on('will-frame-navigate', (event) => {
      noted.push(`${event.defaultPrevented ? 'stopped' : 'LET GO'} ${event.url}`);
    });
  });
  const noted = () => app.electron.evaluate(() => globalThis.noted);
  // The one place that the browser may be sent to. Tried last: once it is noted, the others are decided.
  const guide = 'https://docs.aws.amazon.com/';
  for (const address of [
    web.url,
    'file:///etc/passwd',
    'data:text/html,hello',
    'app://pansea/assets/x.html',
    'javascript:void(document.title="owned")',
    guide,
  ])
    await app.page.evaluate((url) => {
      const page = globalThis as unknown as {
        document: {
          createElement: (
            tag: string,
          ) => Record<string, unknown> & { click: () => void; remove: () => void };
          body: { append: (element: unknown) => void };
        };
        open: (url: string, name?: string) => unknown;
        location: { href: string };
      };
      for (const target of ['', '_blank', 'named']) {
        const link = page.document.createElement('a');
        Object.assign(link, { href: url, target, textContent: 'x' });
        page.document.body.append(link);
        link.click();
        link.remove();
      }
      const download = page.document.createElement('a');
      Object.assign(download, { href: url, download: 'x' });
      page.document.body.append(download);
      download.click();
      download.remove();
      if (page.open(url) !== null || page.open(url, 'named') !== null) throw new Error('A window');
      const frame = page.document.createElement('iframe');
      frame['src'] = url;
      page.document.body.append(frame);
      page.location.href = url;
    }, address);
  await expect.poll(noted).toContain(`stopped ${guide}`);
  const notes = await noted();
  expect(notes).toContain(`stopped ${web.url}`);
  expect(new Set(notes.filter((note) => !note.startsWith('stopped ')))).toEqual(
    new Set([`browser ${guide}`]),
  );
  for (const refusal of [/local resource: file:/, /top frame to data URL/, /the JavaScript URL/])
    await expect.poll(() => app.complaints.join()).toMatch(refusal);
  expect(app.page.url()).toBe(PAGE_URL);
  expect(await heading.isVisible()).toBe(true);
  expect(await app.api.getStatus({})).toMatchObject({ mode: 'no-settings' });
  expect(app.electron.windows()).toHaveLength(1);
  expect(web.asked).toEqual([]);
  const frames = app.page.frames().slice(1);
  expect(frames.filter((frame) => !/^(about:blank|chrome-error:.*)?$/.test(frame.url()))).toEqual(
    [],
  );
});

test('nothing that is written into the page runs, and the page reaches no network', async () => {
  await using place = await openPlace();
  await using web = await openWeb();
  await using app = await place.launch();
  const outcome = await app.page.evaluate(async (url) => {
    const page = globalThis as unknown as {
      document: { body: { insertAdjacentHTML: (where: string, html: string) => void } };
      eval: (code: string) => unknown;
      fetch: (url: string) => Promise<unknown>;
      owned?: boolean;
    };
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- sent to the page as one function
    const fails = async (run: () => unknown) => {
      try {
        await run();
        return false;
      } catch {
        return true;
      }
    };
    return {
      html: await fails(() =>
        page.document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="owned=true">'),
      ),
      fetch: await fails(() => page.fetch(url)),
      file: await fails(() => page.fetch('file:///etc/passwd')),
      owned: page.owned ?? false,
    };
  }, web.url);
  expect(outcome).toEqual({ html: true, fetch: true, file: true, owned: false });
  expect(web.asked).toEqual([]);
  expect(app.complaints.join()).toContain('Content Security Policy');
});

test('what a browser may grant is refused', async () => {
  await using place = await openPlace();
  await using app = await place.launch();
  const answers = await app.page.evaluate(async () => {
    const { navigator, Notification } = globalThis as unknown as {
      navigator: {
        permissions: { query: (q: { name: string }) => Promise<{ state: string }> };
        mediaDevices: Record<'getUserMedia' | 'getDisplayMedia', (o: object) => Promise<unknown>>;
        clipboard: { readText: () => Promise<string> };
        usb?: { requestDevice: (o: object) => Promise<unknown> };
        serial?: { requestPort: () => Promise<unknown> };
        hid?: { requestDevice: (o: object) => Promise<unknown[]> };
      };
      Notification: { requestPermission: () => Promise<string> };
    };
    const state = async (name: string) => (await navigator.permissions.query({ name })).state;
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- sent to the page as one function
    const tried = async (run: () => Promise<unknown> | undefined) => {
      const limit = new Promise((resolve) => setTimeout(resolve, 3_000, 'no answer'));
      try {
        const got = await Promise.race([run(), limit]);
        return got === undefined || (Array.isArray(got) && got.length === 0)
          ? 'refused'
          : 'granted';
      } catch {
        return 'refused';
      }
    };
    return {
      geolocation: await state('geolocation'),
      notifications: await Notification.requestPermission(),
      camera: await tried(() => navigator.mediaDevices.getUserMedia({ video: true })),
      screen: await tried(() => navigator.mediaDevices.getDisplayMedia({ video: true })),
      clipboard: await tried(() => navigator.clipboard.readText()),
      usb: await tried(() => navigator.usb?.requestDevice({ filters: [] })),
      serial: await tried(() => navigator.serial?.requestPort()),
      hid: await tried(() => navigator.hid?.requestDevice({ filters: [] })),
    };
  });
  expect(answers).toEqual({
    geolocation: 'denied',
    notifications: 'denied',
    camera: 'refused',
    screen: 'refused',
    clipboard: 'refused',
    usb: 'refused',
    serial: 'refused',
    hid: 'refused',
  });
});

declare global {
  /** In Electron's main process. */
  var noted: string[];
}

/** A web server that notes who asks. */
async function openWeb(): Promise<{ url: string; asked: string[] } & AsyncDisposable> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('hello');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
