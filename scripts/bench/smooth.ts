/// <reference lib="dom" />
/** @file Whether the window stays smooth: its page's long tasks and frames, the main process's loop and messages. */
import type { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ElectronApplication, Page } from 'playwright';

type Loop = Readonly<{ p99: number; worst: number }>;

/** In Electron's main process. */
interface Watching {
  sentAtMs: number[];
  loop: ReturnType<typeof monitorEventLoopDelay>;
}
/** In the page. */
interface Watched {
  endWatch: () => { tasks: number[]; gaps: number[] };
}

/** @returns Ends it: when messages went to the window, and how late the event loop was, in milliseconds. */
export async function watchMain(
  electron: ElectronApplication,
): Promise<() => Promise<{ sentAtMs: number[]; loopMs: Loop }>> {
  await electron.evaluate(({ BrowserWindow }) => {
    const loop = process
      .getBuiltinModule('node:perf_hooks')
      .monitorEventLoopDelay({ resolution: 1 });
    const sentAtMs: number[] = [];
    Object.assign(globalThis, { loop, sentAtMs });
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      const send = webContents.send.bind(webContents);
      webContents.send = (channel, ...args) => {
        sentAtMs.push(performance.now());
        send(channel, ...args);
      };
    }
    loop.enable();
  });
  return () =>
    electron.evaluate(() => {
      const { loop, sentAtMs } = globalThis as unknown as Watching;
      loop.disable();
      return { sentAtMs, loopMs: { p99: loop.percentile(99) / 1e6, worst: loop.max / 1e6 } };
    });
}

/** @returns Ends it: tasks of more than 50 ms and the time from each frame to the next, in milliseconds. */
export async function watchPage(
  page: Page,
): Promise<() => Promise<{ tasks: number[]; gaps: number[] }>> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    const gaps: number[] = [];
    let before = 0;
    let isOver = false;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    });
    observer.observe({ type: 'longtask' });
    requestAnimationFrame(function frame(at) {
      if (before > 0) gaps.push(at - before);
      before = at;
      if (!isOver) requestAnimationFrame(frame);
    });
    (globalThis as unknown as Watched).endWatch = () => {
      isOver = true;
      observer.disconnect();
      gaps.push(performance.now() - before);
      return { tasks, gaps };
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as Watched).endWatch());
}
