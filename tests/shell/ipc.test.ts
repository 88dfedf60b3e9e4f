import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Api, ApiEvent } from '#shared/api.ts';
import { createServer } from '#shared/api.ts';
import { attachApi, createPush } from '../../electron/shell/ipc.ts';
import { isOurPage, PAGE_URL } from '../../electron/shell/pages.ts';

type Handler = Parameters<IpcMain['handle']>[1];

/** The one handler that is attached, over handlers that note what reaches them. */
function attach(): {
  ask: (event: unknown, ...args: unknown[]) => unknown;
  reached: unknown[];
  dropped: string[];
} {
  const reached: unknown[] = [];
  const dropped: string[] = [];
  const handlers = new Proxy({} as Api, {
    get: (_, name) => (input: unknown) => {
      reached.push([name, input]);
      return Promise.resolve({});
    },
  });
  const channels = new Map<string, Handler>();
  const ipcMain = { handle: (channel: string, handler: Handler) => channels.set(channel, handler) };
  attachApi(
    ipcMain,
    createServer(handlers, () => {}),
    (path) => void dropped.push(path),
    () => 7,
  );
  expect([...channels.keys()]).toEqual(['api']);
  return {
    ask: (event, ...args) => channels.get('api')!(event as IpcMainInvokeEvent, ...args),
    reached,
    dropped,
  };
}

const page = { url: PAGE_URL, parent: null };
const OTHER_PAGES = [
  'https://example.org/index.html',
  'file:///index.html',
  'data:text/html,hello',
  'about:blank',
  'app://evil/index.html',
  'app://pansea.evil/index.html',
  'app://pansea:80/index.html',
  'app://user@pansea/index.html',
  'app://pansea/other.html',
  'http://pansea/index.html',
  '',
];

describe('who may ask', () => {
  test('the page in our window may, also on one of its views', async () => {
    const { ask, reached } = attach();
    for (const url of [PAGE_URL, `${PAGE_URL}#settings`])
      expect(
        await ask({ sender: { id: 7 }, senderFrame: { ...page, url } }, 'tryStorageNow', {}),
      ).toEqual({ ok: true, value: {} });
    expect(reached).toHaveLength(2);
  });

  test('what was dropped is told by the preload alone, and of our page', async () => {
    const { ask, reached, dropped } = attach();
    const ours = { sender: { id: 7 }, senderFrame: page };
    expect(await ask(ours, null, null, '/recordings')).toEqual({ ok: true, value: {} });
    await ask({ ...ours, sender: { id: 8 } }, null, null, '/etc');
    await ask(ours, 'dropped', { path: '/etc' });
    expect({ dropped, reached }).toEqual({ dropped: ['/recordings'], reached: [] });
  });

  test.each<[string, object]>([
    ['another window', { sender: { id: 8 }, senderFrame: page }],
    ['a frame that has gone', { sender: { id: 7 }, senderFrame: null }],
    ['a frame inside the page', { sender: { id: 7 }, senderFrame: { ...page, parent: page } }],
    ...OTHER_PAGES.map((url): [string, object] => [
      `a page at ${url || 'no address'}`,
      { sender: { id: 7 }, senderFrame: { url, parent: null } },
    ]),
  ])('%s may not, and nothing of what it sends is looked at', async (_, event) => {
    const { ask, reached } = attach();
    const bomb = new Proxy(
      {},
      {
        get: () => {
          throw new Error('It was looked at');
        },
      },
    );
    expect(await ask(event, 'tryStorageNow', bomb)).toEqual({
      ok: false,
      code: 'usage',
      detail: 'This page may not ask',
    });
    expect(reached).toEqual([]);
  });
});

describe('what may be asked', () => {
  const sender = { sender: { id: 7 }, senderFrame: page };

  test.each([
    ['nothing', []],
    ['a call that there is not', ['readFile', { path: '/etc/passwd' }]],
    ['a name of every object', ['constructor', {}]],
    ['no name', [{ toString: () => 'getStatus' }, {}]],
    ['no input', ['getStatus']],
    ['a wrong type', ['setPaused', { isPaused: 'yes' }]],
    ['too much', ['listJobs', { filter: 'all', offset: 0, limit: 1_000_000 }]],
    ['too long a text', ['copyText', { text: 'x'.repeat(10_000) }]],
  ])('%s is refused in words before it reaches the engine', async (_, args) => {
    const { ask, reached } = attach();
    expect(await ask(sender, ...args)).toMatchObject({ ok: false, code: 'usage' });
    expect(reached).toEqual([]);
  });
});

test('only the page itself is our page, whatever stands behind its #', () => {
  expect(isOurPage(PAGE_URL)).toBe(true);
  expect(isOurPage(`${PAGE_URL}#links`)).toBe(true);
  expect(isOurPage('app://pansea/assets/index.js')).toBe(false);
  expect(isOurPage('nonsense')).toBe(false);
});

const job = (id: number, sentBytes: number) =>
  ({ type: 'job', job: { id, sentBytes } }) as unknown as ApiEvent;
const status: ApiEvent = { type: 'status' };

describe('events for the page', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('the first comes at once, and a thousand a second come as ten, each job as it is last', () => {
    const sent: (readonly ApiEvent[])[] = [];
    const push = createPush((events) => sent.push(events));
    for (let ms = 0; ms < 1_000; ms += 1) {
      push(job(ms % 2, ms));
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(1_000);
    expect(sent[0]).toEqual([job(0, 0)]);
    expect(sent).toHaveLength(11);
    expect(sent.at(-1)).toEqual([job(0, 998), job(1, 999)]);
  });

  test('none is lost, and they keep their order', () => {
    const sent: ApiEvent[] = [];
    const push = createPush((events) => sent.push(...events));
    for (const event of [status, job(1, 1), job(2, 1), status]) push(event);
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([status, job(1, 1), job(2, 1), status]);
    vi.advanceTimersByTime(10_000);
    push(job(3, 1));
    expect(sent.at(-1)).toEqual(job(3, 1));
  });
});
