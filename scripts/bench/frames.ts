/// <reference lib="dom" />
/** @file What a page's frames look like while its list is scrolled by the wheel. */
import type { Page } from 'playwright';

/** Milliseconds: two frames of a screen with 60 a second are 16.7 apart; clocks and timers jitter. */
const ON_TIME_MS = 16.7 + 2;
/** As a hand that hurries does: a notch of 120 pixels, twenty-five times a second. */
const NOTCH = { everyMs: 40, pixels: 120 } as const;

export type Frames = Readonly<{
  frames: number;
  medianMs: number;
  p95Ms: number;
  worstMs: number;
  /** Of the frames: not later than a screen of 60 a second wants them. */
  onTime: number;
  /** Times that the page's thread was busy for more than 50 ms, and the longest. */
  longTasks: number;
  longestTaskMs: number;
  /** Of the frames: a row that could be seen had no content yet. */
  waiting: number;
  /** Processor time of the page's thread, in milliseconds a frame: what a busy machine does not change. */
  workMs: number;
}>;

/** Scrolls `selector` by real wheel events and watches. */
export async function scrollByWheel(
  page: Page,
  selector: string,
  seconds: number,
): Promise<Frames> {
  const box = (await page.locator(selector).boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const workedMs = async (): Promise<number> => {
    const { metrics } = await devtools.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN) * 1_000;
  };
  const beforeMs = await workedMs();
  await page.evaluate(watch, selector);
  const endMs = performance.now() + seconds * 1_000;
  for (let at = performance.now(); at < endMs; at = performance.now()) {
    await page.mouse.wheel(0, NOTCH.pixels);
    const restMs = NOTCH.everyMs - (performance.now() - at);
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
  }
  const { gaps, tasks, waiting } = await page.evaluate(() =>
    (globalThis as unknown as Watching).endWatch(),
  );
  const workMs = ((await workedMs()) - beforeMs) / gaps.length;
  await devtools.detach();
  const sorted = gaps.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return {
    frames: gaps.length,
    medianMs: at(0.5),
    p95Ms: at(0.95),
    worstMs: at(1),
    onTime: gaps.filter((gap) => gap <= ON_TIME_MS).length / gaps.length,
    longTasks: tasks.length,
    longestTaskMs: Math.max(0, ...tasks),
    waiting: waiting / gaps.length,
    workMs,
  };
}

/** The same window with nothing but an empty box of the list's height: what this machine can do at most. */
export function showFloor(page: Page): Promise<void> {
  return page.evaluate(() => {
    const list = document.querySelector('.grid-rows')!;
    const floor = document.createElement('div');
    floor.id = 'floor';
    Object.assign(floor.style, { position: 'fixed', inset: '0', overflow: 'auto' });
    const inside = document.createElement('div');
    inside.style.height = `${list.getBoundingClientRect().height}px`;
    floor.append(inside);
    document.body.replaceChildren(floor);
  });
}

interface Watching {
  endWatch: () => { gaps: number[]; tasks: number[]; waiting: number };
}

/** Runs in the page. */
function watch(selector: string): void {
  const scroller = document.querySelector(selector)!;
  const gaps: number[] = [];
  const tasks: number[] = [];
  let waiting = 0;
  let before = 0;
  let isOver = false;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  });
  observer.observe({ type: 'longtask' });
  requestAnimationFrame(function frame(at) {
    if (before > 0) gaps.push(at - before);
    before = at;
    const { top, bottom } = scroller.getBoundingClientRect();
    for (const ghost of scroller.querySelectorAll('.ghost:first-of-type')) {
      const place = ghost.getBoundingClientRect();
      if (place.bottom < top || place.top > bottom) continue;
      waiting += 1;
      break;
    }
    if (!isOver) requestAnimationFrame(frame);
  });
  (globalThis as unknown as Watching).endWatch = () => {
    isOver = true;
    observer.disconnect();
    return { gaps, tasks, waiting };
  };
}
