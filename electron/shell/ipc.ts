/** @file Answers the window on the one channel there is, and pushes events to it, not too many. */
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { subjectOf, type ApiEvent, type Reply } from '#shared/api.ts';
import { isOurPage } from './pages.ts';

type Sender = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>;

/**
 * Refuses whoever is not the page of `contentsId` itself before anything is parsed. Answers are data: Electron
 * would keep only a thrown error's message.
 *
 * @param dropped Hears where a file is that a person dropped. Only the preload can say so: a page's own calls
 *   have no third argument.
 */
export function attachApi(
  ipcMain: Pick<IpcMain, 'handle'>,
  serve: (name: unknown, input: unknown) => Promise<Reply>,
  dropped: (path: string) => void,
  contentsId: () => number | undefined,
): void {
  ipcMain.handle('api', (event, name: unknown, input: unknown, path?: unknown): Promise<Reply> => {
    if (!isOurs(event, contentsId()))
      return Promise.resolve({ ok: false, code: 'usage', detail: 'This page may not ask' });
    if (typeof path !== 'string') return serve(name, input);
    dropped(path);
    return Promise.resolve({ ok: true, value: {} });
  });
}

function isOurs({ sender, senderFrame }: Sender, contentsId: number | undefined): boolean {
  // The frame is null when it has gone or has moved on since it asked.
  return (
    sender.id === contentsId &&
    senderFrame !== null &&
    senderFrame.parent === null &&
    isOurPage(senderFrame.url)
  );
}

/**
 * Gathers events so that the window hears at most ten times a second, the first time at once: of each
 * job its newest state, in the order in which they came.
 */
export function createPush(
  send: (events: readonly ApiEvent[]) => void,
  everyMs = 100,
): (event: ApiEvent) => void {
  const waiting = new Map<string, ApiEvent>();
  let timer: NodeJS.Timeout | undefined;
  function flush(): void {
    timer = undefined;
    if (waiting.size === 0) return;
    const events = [...waiting.values()];
    waiting.clear();
    timer = setTimeout(flush, everyMs);
    send(events);
  }
  return (event) => {
    const name = subjectOf(event);
    waiting.delete(name);
    waiting.set(name, event);
    if (timer === undefined) flush();
  };
}
