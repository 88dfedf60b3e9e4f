/** @file The window in a browser: its files, its calls, its events and what it previews. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { subjectOf } from '#shared/api.ts';
import { pageHeaders } from '../page.ts';
import { answerPreview } from '../preview.ts';
import type { WindowApp } from './call.ts';
import { badRequest, Refused, type Answer } from './reply.ts';

/** The largest call is a folder's rule; this is far more. */
const MAX_CALL_BYTES = 256 * 1_024;
/** Between two batches of events: ten a second is what a window can show. */
const BATCH_MS = 100;
/** Keeps the line open, and finds out that the other end has gone. */
const HEARTBEAT_MS = 15_000;

/** Sends a file of the page. @returns `false` when there is none at this path. */
export async function sendPage(
  window: WindowApp,
  path: string,
  response: ServerResponse,
): Promise<boolean> {
  const file = await window.page(path === '/' ? '/index.html' : path);
  if (file === undefined) return false;
  const { bytes, type } = file;
  response.writeHead(200, {
    ...pageHeaders,
    'content-type': type,
    'content-length': bytes.byteLength,
  });
  response.end(bytes);
  return true;
}

/**
 * Sends what a player asked of a preview. Should it break off half-way, so does the answer.
 *
 * @param id Whoever has it needs no token.
 */
export async function sendPreview(
  window: WindowApp,
  id: string,
  {
    request,
    response,
    signal,
  }: Readonly<{
    request: IncomingMessage;
    response: ServerResponse;
    signal: AbortSignal;
  }>,
): Promise<void> {
  const asked = { method: request.method ?? '', range: request.headers.range };
  const { status, headers, body } = await answerPreview(window.preview(id), asked, signal);
  response.writeHead(status, headers);
  if (body) await pipeline(body, response);
  else response.end();
}

/** One call of shared/api.ts. Failures are in the answer, not in its status. */
export async function answerCall(
  window: WindowApp,
  name: string,
  request: IncomingMessage,
): Promise<Answer> {
  if (
    request.method !== 'POST' ||
    !/^application\/json\b/i.test(request.headers['content-type'] ?? '')
  )
    throw new Refused(415, 'media-type', {
      title: 'Calls are POSTs with JSON',
      remedy: 'Nothing was done.',
    });
  return { status: 200, body: await window.serve(name, await readJson(request)) };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    const bytes = piece as Buffer;
    size += bytes.length;
    if (size > MAX_CALL_BYTES) throw badRequest('This call is too long', 'Nothing was done.');
    pieces.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw badRequest('This call is not JSON', 'Nothing was done.');
  }
}

/** Streams events as lines of JSON until either side ends it. The last word on a job wins within a batch. */
export function streamEvents(
  window: WindowApp,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8' });
  response.write('\n');
  const pending = new Map<string, string>();
  const off = window.onEvent((event) => {
    pending.set(subjectOf(event), JSON.stringify(event));
  });
  const flush = setInterval(() => {
    if (pending.size === 0 || response.writableNeedDrain) return;
    response.write(`${[...pending.values()].join('\n')}\n`);
    pending.clear();
  }, BATCH_MS);
  const heartbeat = setInterval(() => void response.write('\n'), HEARTBEAT_MS);
  return new Promise((resolve) => {
    const end = () => {
      off();
      clearInterval(flush);
      clearInterval(heartbeat);
      response.end();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
