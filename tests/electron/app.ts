/** @file The built app in a real Electron, on a screen of its own, with a home of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { expect, type TestContext } from 'vitest';
import { createClient, type Api, type ApiInput, type FolderView } from '#shared/api.ts';
import { runtimeMissing, runtimePaths } from '../../scripts/electron/runtime.mjs';
import { tempDir } from '../support/temp-dir.ts';

export const root = join(import.meta.dirname, '../..');
export const runtime = runtimePaths(root);
const missing = runtimeMissing(root);

/** For `beforeEach`: without the Electron for tests they are skipped, and say why. */
export function needElectron({ skip }: TestContext): void {
  skip(missing !== undefined, missing);
}

/** An X server without a screen that anybody sees. */
async function openScreen(): Promise<{ display: string } & AsyncDisposable> {
  const args = ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'];
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = (await once(server.stdio[3]!, 'data')) as [Buffer];
  return {
    display: `:${number.toString().trim()}`,
    [Symbol.asyncDispose]: () => end(server),
  };
}

/** Ends a process and waits until it has. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** An environment without a desktop, a session or settings of whoever runs the tests. */
function bareEnvironment(home: string, display: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    LANG: 'C.UTF-8',
    DISPLAY: display,
    PANSEA_SYNC_HOME: join(home, 'library'),
    PANSEA_SQLITE_BINDING: runtime.sqlite,
    PANSEA_SETTLE_SECONDS: '0.3',
    PANSEA_GRACE_SECONDS: '0',
  };
}

export type TestApp = Readonly<{
  electron: ElectronApplication;
  page: Page;
  /** The page's own calls, through its bridge. */
  api: Api;
  /** What the page's console complained about, its policy's reports included. */
  complaints: string[];
  /** Waits until so many recordings are stored and checked. */
  verified: (files: number) => Promise<void>;
  /** Has a folder followed as a person does, who chooses it in the dialog. */
  addFolder: (input: ApiInput<'saveFolder'>) => Promise<FolderView>;
  /** What the person will answer to the next dialogs: the button's number. */
  answerDialogs: (button: number) => Promise<void>;
  /** What the dialogs said so far. */
  dialogs: () => Promise<{ message: string; detail: string }[]>;
}> &
  AsyncDisposable;

type Options = Readonly<{
  env?: Record<string, string>;
  args?: string[];
  /** A script that Electron runs before the app, and after Playwright's own. */
  before?: string;
}>;

/** A place for one test's app: start it in it as often as needed, one after the other. */
export async function openPlace() {
  const stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir());
  const { display } = stack.use(await openScreen());
  const folder = join(dir.path, 'Recordings');
  await mkdir(folder);
  const env = bareEnvironment(dir.path, display);
  return {
    path: dir.path,
    /** An empty folder to watch. */
    folder,
    home: env['PANSEA_SYNC_HOME']!,
    env,
    launch: (options: Options = {}) => launch({ ...options, env: { ...env, ...options.env } }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function launch({ args = [], env = {}, before }: Options): Promise<TestApp> {
  // Named this way, and not by `executablePath`, Playwright holds the app back until it is connected.
  process.env['ELECTRON_OVERRIDE_DIST_PATH'] = runtime.dist;
  const electron = await _electron.launch({
    args: ['--no-sandbox', '--disable-gpu', ...(before ? ['-r', before] : []), root, ...args],
    env,
    // Without settings of a `.env` that whoever runs the tests has in the checkout.
    cwd: env['HOME']!,
    timeout: 30_000,
  });
  return follow(electron);
}

/** What tests do with an app that runs. */
export async function follow(electron: ElectronApplication): Promise<TestApp> {
  const child = electron.process();
  const page = await electron.firstWindow();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  const api = createClient((name, input) =>
    page.evaluate(([call, given]) => bridge.send(call, given), [name, input] as const),
  );
  return {
    electron,
    page,
    api,
    complaints,
    async verified(files) {
      await expect
        .poll(async () => (await api.getStatus({})).counts['verified'] ?? 0, { timeout: 45_000 })
        .toBe(files);
    },
    async addFolder(input) {
      await electron.evaluate(({ dialog }, path) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
      }, input.path);
      await api.chooseFolder({});
      return api.saveFolder(input);
    },
    answerDialogs: (button) => electron.evaluate(answerDialogs, button),
    dialogs: () => electron.evaluate(() => globalThis.saidDialogs ?? []),
    [Symbol.asyncDispose]: () => end(child, 'SIGKILL'),
  };
}

declare global {
  /** In Electron's main process. */
  var saidDialogs: { message: string; detail: string }[] | undefined;
  /** In the page. */
  var bridge: { send: (name: string, input: unknown) => Promise<unknown> };
}

/** Runs in Electron's main process: a person who always presses the same button, and ticks what can be ticked. */
function answerDialogs({ dialog }: typeof import('electron'), response: number): void {
  const said = (globalThis.saidDialogs ??= []);
  dialog.showMessageBox = (...args: unknown[]) => {
    type Said = { message?: string; detail?: string; checkboxLabel?: string };
    const { message = '', detail = '', checkboxLabel } = args.at(-1) as Said;
    said.push({ message, detail });
    return Promise.resolve({ response, checkboxChecked: checkboxLabel !== undefined });
  };
}
