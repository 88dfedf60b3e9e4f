/** @file The window as a person meets it: the built page in a real Chromium, on the real engine and a real storage. */
import { AxeBuilder } from '@axe-core/playwright';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Locator, Page } from 'playwright';
import { expect } from 'vitest';
import type { Api } from '../../../shared/api.ts';
import type { HostOptions } from '../../../electron/engine/window/host.ts';
import { jobStore, type JobStore } from '../../../electron/engine/store/jobs.ts';
import { queueMany } from '../../support/many.ts';
import { mustSayNoKey } from '../../support/canary-traces.ts';
import { apiOf, openTestAppHost, type TestAppHost } from '../../support/app-host.ts';
import { countingServer } from '../../support/engine.ts';
import type { Switches } from '../../../electron/embedded-s3/switches.ts';
import { storageEnv } from '../../support/cli.ts';
import { openServer, type S3Access } from '../../support/s3-servers.ts';
import { openBrowser } from './chromium.ts';
import { openDifficultStorage, type DifficultStorage } from './difficult-storage.ts';

export type TestWindow = Readonly<{
  page: Page;
  app: TestAppHost;
  /** The calls that the page makes, for the test itself. */
  api: Api;
  storage: DifficultStorage;
  /** The same storage, for settings that are typed in. */
  s3: S3Access;
  /** Errors of the page and its console; a test ends with none. */
  problems: string[];
  /** Another window on the same engine. */
  another: (options: BrowserContextOptions) => Promise<Page>;
  /** The real ledger, for what would take too long to come about. */
  jobs: () => JobStore;
}> &
  AsyncDisposable;

type Options = Readonly<{
  host?: Partial<HostOptions>;
  view?: BrowserContextOptions;
  /** Beside the storage's. */
  env?: Record<string, string>;
  /** Of the storage. */
  switches?: Switches;
}>;

export async function openWindow({
  host,
  view,
  env: also,
  switches,
}: Options = {}): Promise<TestWindow> {
  const stack = new AsyncDisposableStack();
  const s3: S3Access = stack.use(
    switches ? await countingServer(switches) : await openServer('embedded'),
  );
  const storage = stack.use(await openDifficultStorage(s3.endpoint));
  const env = { ...storageEnv({ ...s3, endpoint: storage.endpoint }), ...also };
  const app = stack.use(await openTestAppHost({ env, ...host }));
  const chromium = stack.adopt(await openBrowser(), (opened) => opened.close());
  const problems: string[] = [];
  const another = async (options: BrowserContextOptions): Promise<Page> => {
    const context = stack.adopt(
      await chromium.newContext({ viewport: { width: 1_120, height: 720 }, ...options }),
      (opened) => opened.close(),
    );
    const page = await context.newPage();
    stack.defer(() => mustShowNoKey(page));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(app.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  const page = await another(view ?? {});
  const jobs = () => jobStore(app.host.storage().database, Date.now);
  const api = apiOf(app);
  return {
    page,
    app,
    api,
    storage,
    s3: { ...s3, endpoint: storage.endpoint },
    problems,
    another,
    jobs,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Follows the test's folder, for a class. */
export async function follow({ api, app }: TestWindow, classId: string | null = 'BIO-101') {
  const rule = { kind: 'audio', classId, userId: 'teacher-7', include: [], exclude: [] } as const;
  return api.saveFolder({ path: app.folder, rule: { ...rule, include: [], exclude: [] } });
}

/** A followed folder, of which so many recordings wait, paused, as the page then shows. */
export async function followMany(window: TestWindow, files: number): Promise<void> {
  const folder = await follow(window);
  await window.api.setPaused({ isPaused: true });
  queueMany(window.app.host.storage().database, folder, files);
  await window.page.reload();
}

/** Puts a finished file of random bytes into the folder, as a recorder leaves it. */
export async function record(folder: string, name: string, sizeBytes = 40_000): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), randomBytes(sizeBytes));
}

/** Waits until so many recordings are stored and checked. */
export async function stored({ api }: TestWindow, files: number): Promise<void> {
  await expect
    .poll(async () => (await api.getStatus({})).counts['verified'] ?? 0, { timeout: 30_000 })
    .toBe(files);
}

/** Nothing that axe calls serious or critical, whatever of the page is open. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(
    serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`),
  ).toEqual([]);
}

/** The storage refuses whatever would be written, as a policy of its admin does. */
export function refuseUploads(storage: DifficultStorage): void {
  storage.refuses = ({ method }) => method === 'PUT' || method === 'POST';
}

/** Presses Tab until the focus is there, as somebody without a mouse does. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    if (await target.evaluate((element) => element.matches(':focus'))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${String(target)}`);
}

/** Neither in the page nor in what it stores. One that was closed shows nothing. */
async function mustShowNoKey(page: Page): Promise<void> {
  if (page.isClosed()) return;
  const stores = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  mustSayNoKey((await page.content()) + stores, 'the page');
}
