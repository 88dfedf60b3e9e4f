/** @file The only way out of the window: the preload's bridge in Electron, the server that gave this page in a plain browser. */
import { apiEvent, createClient, type Api, type ApiEvent } from '#shared/api.ts';
import { NotAnswering } from './not-answering.ts';

type Bridge = Readonly<{
  send: (name: string, input: unknown) => Promise<unknown>;
  onEvent: (listener: (event: unknown) => void) => () => void;
  /** Empty for a file that is on no disk. */
  pathOf: (file: File) => string;
}>;

declare global {
  interface Window {
    readonly bridge?: Bridge;
  }
}

const TOKEN = 'pansea-token';

/** Comes once, behind `#token=`, and then leaves the address: what is copied from there opens nothing. */
function takeToken(): string {
  const [, given] = /[#&]token=([^&]+)/.exec(window.location.hash) ?? [];
  if (given !== undefined) {
    sessionStorage.setItem(TOKEN, decodeURIComponent(given));
    window.history.replaceState(null, '', window.location.pathname);
  }
  return sessionStorage.getItem(TOKEN) ?? '';
}

const token = window.bridge ? '' : takeToken();

async function request(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(path, { ...init, headers }).catch((cause: unknown) => {
    throw new NotAnswering('silent', { cause });
  });
  if (response.status === 401 || response.status === 403) throw new NotAnswering('refused');
  return response;
}

async function overHttp(name: string, input: unknown): Promise<unknown> {
  const response = await request(`/rpc/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  return response.json().catch((cause: unknown) => {
    throw new NotAnswering('silent', { cause });
  });
}

export const api: Api = createClient(
  window.bridge ? (name, input) => window.bridge!.send(name, input) : overHttp,
);

/** In Electron the main process holds the clipboard; in a browser the page has its own. */
export async function copyText(text: string): Promise<void> {
  if (window.bridge) await api.copyText({ text });
  else await navigator.clipboard.writeText(text);
}

/** Where a dropped file or folder is: empty when it is on no disk, `undefined` in a browser, which tells no page. */
export const pathOf = (file: File): string | undefined => window.bridge?.pathOf(file);

type Listener = Readonly<{
  onEvent: (event: ApiEvent) => void;
  /** Whether events arrive. `true` again after a gap: everything may have changed meanwhile. */
  onConnected: (isConnected: boolean) => void;
}>;

/** @returns Stops listening. */
export function listen({ onEvent, onConnected }: Listener): () => void {
  const take = (event: unknown) => {
    const parsed = apiEvent.safeParse(event);
    if (parsed.success) onEvent(parsed.data);
  };
  if (window.bridge) {
    onConnected(true);
    return window.bridge.onEvent(take);
  }
  const stop = new AbortController();
  void follow(take, onConnected, stop.signal);
  return () => stop.abort();
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

/** Reads `/events` until told to stop, however often it breaks off. Never rejects. */
async function follow(
  take: (event: unknown) => void,
  onConnected: (isConnected: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const response = await request('/events', { signal });
      if (response.ok && response.body) {
        waitMs = FIRST_WAIT_MS;
        onConnected(true);
        for await (const line of linesOf(response.body)) take(JSON.parse(line));
      }
    } catch {
      // Said by `onConnected`, and tried again below.
    }
    if (signal.aborted) return;
    onConnected(false);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  }
}

/** The JSON of each event, be it a line of its own or behind `data:`. Blank lines and comments keep the line open. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const json = line.replace(/^data:/, '').trim();
      if (json.startsWith('{')) yield json;
    }
  }
}
