/**
 * @file The HTTP host for this computer alone. Everything goes through one guard; behind it are the
 * window (`window.ts`) and the backend's routes (`routes.ts`).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PREVIEW_PATH } from '#shared/preview.ts';
import { readAddress } from './address.ts';
import { previewIdIn } from '../preview.ts';
import { within } from '../engine/waiting.ts';
import type { App } from './call.ts';
import { createGuard, newToken, type Guard } from './guard.ts';
import { errorAnswer, Refused, sendJson, setHeaders } from './reply.ts';
import { forgetWaiting } from './incoming.ts';
import { answer } from './routes.ts';
import { answerCall, sendPage, sendPreview, streamEvents } from './window.ts';
import { writeTokenFile } from './token-file.ts';

export type Serving = Readonly<{
  /** `http://127.0.0.1:PORT` */
  url: string;
  token: string;
  /** Takes no new requests, ends the running ones within 4 s. Calling it twice is harmless. */
  close: () => Promise<void>;
}>;

const MAX_HEADER_BYTES = 16 * 1_024;
const HEADERS_MS = 10_000;
/** A connection on which nothing moves for this long is closed; a slow upload that moves is not. */
const IDLE_MS = 120_000;
const KEEP_ALIVE_MS = 5_000;
const MAX_CONNECTIONS = 64;
/** How long the rest of a refused body is listened to, so that the client gets to read the refusal. */
const DRAIN_MS = 5_000;
const CLOSE_MS = 4_000;

/** @param port 0 takes any free one. */
export async function startServer(app: App, port: number): Promise<Serving> {
  const token = newToken();
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: 0, // A long recording over a slow disk takes as long as it takes.
    keepAliveTimeout: KEEP_ALIVE_MS,
    noDelay: true,
  });
  server.timeout = IDLE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  const boundPort = await listen(server, port);
  const url = `http://127.0.0.1:${boundPort}`;
  const stop = new AbortController();
  const running = new Set<Promise<void>>();
  const host = { app, guard: createGuard(token, boundPort), stop: stop.signal };

  const onRequest = (request: IncomingMessage, response: ServerResponse, waits: boolean) => {
    const handling = handle(host, { request, response, waits }).finally(() =>
      running.delete(handling),
    );
    running.add(handling);
  };
  server.on('request', (request, response) => onRequest(request, response, false));
  server.on('checkContinue', (request, response) => onRequest(request, response, true));
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  await forgetWaiting(app);
  const forgetToken = await writeTokenFile(app.homePath, { url, token });

  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    stop.abort(
      new Refused(503, 'stopping', {
        title: 'Pan-Sea Sync is stopping',
        remedy: 'Nothing was stored.',
      }),
    );
    await within(CLOSE_MS, Promise.allSettled(running));
    server.closeAllConnections();
    await closed;
    await forgetToken();
  };
  let closing: Promise<void> | undefined;
  return { url, token, close: () => (closing ??= close()) };
}

type Host = Readonly<{ app: App; guard: Guard; stop: AbortSignal }>;
type Exchange = Readonly<{ request: IncomingMessage; response: ServerResponse; waits: boolean }>;

/** Answers one request. Never rejects. */
async function handle({ app, guard, stop }: Host, exchange: Exchange): Promise<void> {
  const { request, response, waits } = exchange;
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('The client has gone')));
  setHeaders(response);
  const address = readAddress(request.url ?? '');
  const previewId = previewIdIn(address.path);
  const signal = AbortSignal.any([gone.signal, stop]);
  try {
    guard.assertFromHere(request);
    // The page's files are no secret; everything behind them needs the token.
    if (request.method === 'GET' && (await sendPage(app.window, address.path, response))) return;
    if (previewId !== undefined) {
      guard.assertShown(request);
      await sendPreview(app.window, previewId, { request, response, signal });
      return;
    }
    guard.assertToken(request);
    if (address.path === '/events') {
      await streamEvents(app.window, response, signal);
      return;
    }
    if (address.path.startsWith('/rpc/')) {
      sendJson(response, await answerCall(app.window, address.path.slice('/rpc/'.length), request));
      return;
    }
    const wantBody = () => {
      if (waits) response.writeContinue();
    };
    sendJson(response, await answer(app, { request, address, wantBody, signal }));
  } catch (error) {
    sendJson(response, errorAnswer(stop.aborted ? stop.reason : error));
    drain(request);
  } finally {
    app.log('info', 'A request was answered', {
      method: request.method,
      // A preview's number opens it.
      path: previewId === undefined ? address.path : PREVIEW_PATH,
      status: response.statusCode,
      gone: gone.signal.aborted && !response.writableFinished,
    });
  }
}

function drain(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const limit = setTimeout(() => request.socket.destroy(), DRAIN_MS);
  request.once('close', () => clearTimeout(limit));
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port); // A TCP server has an AddressInfo.
    });
  });
}
