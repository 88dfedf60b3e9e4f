/// <reference lib="dom" />
/**
 * @file Measures the window: how smoothly long lists scroll, how soon it appears, what it is like while files go up.
 * `npm run bench:window` writes what is told here. Nothing is asserted: other machines have other numbers.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, expect, test } from 'vitest';
import type { RuleInput } from '#shared/api.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { placeOf } from '../../electron/engine/s3/known.ts';
import { runtimeMissing } from '../electron/runtime.mjs';
import { end, openPlace, root, runtime, type TestApp } from '../../tests/electron/app.ts';
import { listMany, queueMany } from '../../tests/support/many.ts';
import { follow, openWindow } from '../../tests/renderer/support/window.ts';
import { FULL, manySmall, type Sizes } from './data.ts';
import { scrollByWheel, showFloor, type Frames } from './frames.ts';
import { atMost, type Goal } from './goals.ts';
import { keys } from './measure.ts';
import { table } from './report.ts';
import { startSink, type Sink } from './sink.ts';
import { watchMain, watchPage } from './smooth.ts';
import type { Outcome } from './work.ts';

/** As works-alone.ts sets it. */
const { file, dir, sizes } = JSON.parse(process.env['BENCH_WINDOW'] ?? '{}') as Readonly<{
  file: string;
  dir: string;
  sizes: Sizes;
}>;
const isSmall = sizes.windowFiles < FULL.windowFiles;
const JOBS = 10_000;
const OBJECTS = 100_000;
const STARTS = isSmall ? 1 : 5;
const SCROLLED_SECONDS = isSmall ? 1 : 6;
const LIST = '.grid-scroll';

const scrolls: { where: string; what: string; frames: Frames }[] = [];
const notes: string[] = [];
const goals: Goal[] = [];
const versions = new Map<string, string>();

/** The median of the starts, and all of them. */
function told(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b);
  return `${sorted[Math.floor(sorted.length / 2)]} ms (${sorted.join(', ')})`;
}

/** So far down: each page that is asked for is found behind ninety thousand others. */
const DEEP = 0.9;

/** Both lists, from the top and from far down, and the empty box, in one window. @param hear Makes events arrive until it is told to end. */
async function scrollAll(
  page: Page,
  where: string,
  hear?: (page: Page) => Promise<() => Promise<void>>,
): Promise<void> {
  const keep = async (what: string, selector: string) => {
    const frames = await scrollByWheel(page, selector, SCROLLED_SECONDS);
    scrolls.push({ where, what, frames });
  };
  const keepBoth = async (what: string) => {
    await keep(`${what}, top`, LIST);
    await page.evaluate(goDown, [LIST, DEEP] as const);
    await keep(`${what}, deep`, LIST);
    if (hear === undefined) return;
    await page.evaluate(goDown, [LIST, DEEP] as const);
    const endNews = await hear(page);
    await keep(`${what}, deep, with events`, LIST);
    await endNews();
  };
  await page.reload();
  await page.getByRole('row', { name: /Lecture 9999\.mp3/ }).waitFor();
  await keepBoth('10,000 queued');
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('row', { name: /Lecture 99999\.mp3/ }).waitFor();
  await keepBoth('100,000 objects');
  await showFloor(page);
  await keep('empty box (the floor)', '#floor');
}

/** Runs in the page. */
function goDown([selector, share]: readonly [string, number]): void {
  const scroller = document.querySelector(selector)!;
  scroller.scrollTop = scroller.scrollHeight * share;
}

test('scrolling in Chromium', async () => {
  await using window = await openWindow();
  const { page, api, app } = window;
  versions.set('Chromium', page.context().browser()!.version());
  const folder = await follow(window);
  await api.setPaused({ isPaused: true });
  const { database, remote } = app.host.storage();
  queueMany(database, folder, JOBS);
  await listMany(database, OBJECTS, remote.place);
  await scrollAll(page, 'Chromium, headless');
});

test.skipIf(runtimeMissing(root))('scrolling in Electron', async () => {
  using sink = await startSink(dir);
  await using place = await openPlace();
  await using app = await place.launch({ env: envOf(sink) });
  versions.set('Electron', await app.electron.evaluate(() => process.versions.electron));
  const folder = await app.addFolder({ path: place.folder, rule });
  await app.api.setPaused({ isPaused: true });
  const home = openHome({ path: place.home });
  queueMany(home.database, folder, JOBS);
  await listMany(home.database, OBJECTS, placeOf({ endpoint: sink.endpoint, bucket: 'sink' }));
  home.close();
  await scrollAll(app.page, 'Electron, Xvfb', () => tellTenTimesASecond(app));
});

/** What the busiest engine sends: ten messages a second, each with jobs that move and one that has come to its end. */
async function tellTenTimesASecond({ api, electron }: TestApp): Promise<() => Promise<void>> {
  const { rows } = await api.listJobs({ filter: 'waiting', offset: 0, limit: 200 });
  await electron.evaluate(({ BrowserWindow }, jobs) => {
    let n = 0;
    const timer = setInterval(() => {
      n += 1;
      const moving = jobs.slice(0, 4).map((job) => ({
        type: 'job',
        job: { ...job, state: 'uploading', sentBytes: (n * 1_000) % job.sizeBytes },
      }));
      const ended = { ...jobs[4 + (n % (jobs.length - 4))], state: 'verified' };
      const events = [...moving, { type: 'job', job: ended }, { type: 'status' }];
      for (const { webContents } of BrowserWindow.getAllWindows())
        webContents.send('event', events);
    }, 100);
    (globalThis as unknown as { endTelling: () => void }).endTelling = () => clearInterval(timer);
  }, rows);
  return () =>
    electron.evaluate(() => (globalThis as unknown as { endTelling: () => void }).endTelling());
}

test.skipIf(runtimeMissing(root))('the window appears', async () => {
  await using place = await openPlace();
  const reporter = join(place.path, 'reporter.cjs');
  await writeFile(reporter, REPORTER);
  const shown: number[] = [];
  const filled: number[] = [];
  for (let i = 0; i < STARTS; i += 1) {
    const args = ['--no-sandbox', '--disable-gpu', '-r', reporter, root];
    const { env } = place;
    const child = spawn(runtime.executable, args, { cwd: place.path, env, stdio: 'pipe' });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    try {
      await expect.poll(() => said.split('\n').length, { timeout: 20_000 }).toBeGreaterThan(2);
    } finally {
      await end(child);
    }
    shown.push(Number(/shown (\d+)/.exec(said)?.[1]));
    filled.push(Number(/filled (\d+)/.exec(said)?.[1]));
  }
  notes.push(
    `From the start of the process, ${STARTS} starts, the median and all: the window is shown after ${told(shown)}, its page is in it after ${told(filled)}.`,
  );
});

const envOf = ({ endpoint }: Sink, bucket = 'sink') => ({
  ...keys,
  AWS_S3_ENDPOINT_URL: endpoint,
  AWS_S3_BUCKET: bucket,
});

test.skipIf(runtimeMissing(root))('files go up', async () => {
  using sink = await startSink(dir);
  await using place = await openPlace();
  const folder = manySmall(dir, { ...sizes, files: sizes.windowFiles });
  await using app = await place.launch({ env: { ...envOf(sink), PANSEA_SETTLE_SECONDS: '0' } });
  const endMain = await watchMain(app.electron);
  const endPage = await watchPage(app.page);
  const startedMs = performance.now();
  await app.addFolder({ path: folder, rule });
  await expect
    .poll(async () => (await app.api.getStatus({})).counts['verified'] ?? 0, {
      timeout: 280_000,
      interval: 1_000,
    })
    .toBe(sizes.windowFiles);
  const seconds = (performance.now() - startedMs) / 1_000;
  const { sentAtMs, loopMs } = await endMain();
  const { tasks, gaps } = await endPage();
  const most = Math.max(
    ...sentAtMs.map((from, i) => sentAtMs.slice(i).filter((at) => at < from + 1_000).length),
  );
  const longestGap = Math.max(0, ...gaps);
  const empty = gaps.reduce((sum, gap) => sum + Math.floor(gap / 1_000), 0);
  notes.push(
    `While ${sizes.windowFiles.toLocaleString('en')} files of ${sizes.fileKiB} KiB went up in ${seconds.toFixed(0)} s, the window was sent ${sentAtMs.length} messages, at most ${most} in any second. Its page was busy for more than 50 ms ${tasks.length} times (the longest ${Math.max(0, ...tasks).toFixed(0)} ms), and the longest time without a frame was ${longestGap.toFixed(0)} ms. The event loop of the main process, which has the engine in it, was late by ${loopMs.p99.toFixed(1)} ms at its 99th percentile and ${loopMs.worst.toFixed(0)} ms at worst.`,
  );
  goals.push(
    atMost('page busy for more than 50 ms while files go up', '# times', tasks.length, 0),
    atMost('whole seconds without a frame meanwhile', '#', empty, 0),
    atMost('main process’s event loop late, 99th percentile', '# ms', loopMs.p99, 50),
  );
});

test.skipIf(runtimeMissing(root))('the first page of a long listing', async () => {
  using sink = await startSink(dir);
  await using place = await openPlace();
  await using app = await place.launch({ env: envOf(sink, `list-${sizes.objects}`) });
  const { page } = app;
  await page.getByRole('link', { name: 'Library' }).click();
  const shownMs = await page.evaluate(firstRowMs);
  const afterMs = shownMs - (await sink.figures()).firstListedMs;
  notes.push(
    `Of a bucket with ${sizes.objects.toLocaleString('en')} objects that was never listed before, the first rows are on screen ${afterMs.toFixed(0)} ms after the storage’s first answer.`,
  );
  goals.push(atMost('first rows of a listing after the first answer', '# ms', afterMs, 200));
});

/** Runs in the page: when the first row with content was painted, Unix milliseconds. */
function firstRowMs(): Promise<number> {
  return new Promise((resolve) => {
    requestAnimationFrame(function look() {
      const isThere = document.querySelector('.grid-rows [role="row"]:not(:has(.ghost))') !== null;
      requestAnimationFrame(isThere ? () => resolve(Date.now()) : look);
    });
  });
}

afterAll(() => {
  const rows = scrolls.map(({ where, what, frames: it }) => [
    where,
    what,
    `${it.medianMs.toFixed(1)} ms`,
    `${it.p95Ms.toFixed(1)} ms`,
    `${it.worstMs.toFixed(0)} ms`,
    `${(it.onTime * 100).toFixed(1)} %`,
    `${it.workMs.toFixed(1)} ms`,
    it.longTasks === 0 ? '0' : `${it.longTasks} (≤ ${it.longestTaskMs.toFixed(0)} ms)`,
    `${(it.waiting * 100).toFixed(1)} %`,
  ]);
  const head =
    'in | list | frame, median | p95 | worst | on time | work a frame | long tasks | rows on their way'.split(
      ' | ',
    );
  const text = [
    `In ${[...versions].map(([name, version]) => `${name} ${version}`).join(' and ')}.`,
    'Each list is scrolled for six seconds by real wheel events, 25 notches a second, and every frame of the page is timed. There is no graphics card: all is painted by the processor. Deep: from nine tenths of the way down. With events: ten messages a second arrive meanwhile, each with four uploads that move, one that has ended and the news that counts have changed. The empty box is as high as the list and is scrolled the same way in the same run: what is missing there is the machine’s. On time: at most 2 ms later than a screen with 60 frames a second wants. Work a frame: the processor time of the page’s own thread, of the 16.7 ms that there are; it is the figure that other work on the machine does not change. Long tasks: the page did not answer for more than 50 ms, by the clock. Rows on their way: frames in which a row on screen had no content yet.',
    table(head, rows),
    ...notes,
  ].join('\n\n');
  writeFileSync(file, JSON.stringify({ text, goals } satisfies Outcome));
});

const rule: RuleInput = {
  kind: 'audio',
  classId: 'bio-101',
  userId: 'teacher-7',
  include: [],
  exclude: [],
};

/** Loaded before the app: milliseconds from the process's own start. */
const REPORTER = `
  const { app } = require('electron');
  const since = () => Math.round(Date.now() - process.getCreationTime());
  app.on('browser-window-created', (_event, window) => {
    window.once('show', () => console.log('shown', since()));
    window.webContents.once('dom-ready', async () => {
      const wait = 'new Promise((done) => { const look = () => document.querySelector("h1") ? done() : requestAnimationFrame(look); look(); })';
      await window.webContents.executeJavaScript(wait);
      console.log('filled', since());
    });
  });
`;
