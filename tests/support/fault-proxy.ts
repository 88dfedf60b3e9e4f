/** @file A network that misbehaves on demand: stands between a client and a storage on this computer. */
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { filtered, Reset, type Action } from './fault-actions.ts';
import { operationOf, type OperationName } from './s3-operation.ts';
import type { S3Access } from './s3-servers.ts';

type Rule = Readonly<{
  /** Which requests; all unless told. */
  match?: OperationName | readonly OperationName[] | ((request: IncomingMessage) => boolean);
  /** Which of them, counted from 1 since the rule was set; all unless told. */
  nth?: number | readonly number[];
  action: Action | readonly Action[];
}>;

type Exchange = {
  readonly method: string;
  readonly url: string;
  readonly operation: OperationName | undefined;
  readonly atMs: number;
  /** What the client was answered; `undefined` when it never was. */
  status: number | undefined;
  /** Whether the storage was asked. */
  forwarded: boolean;
  bytesIn: number;
  actions: Action['kind'][];
};

export type FaultProxy = AsyncDisposable &
  Readonly<{
    /** The storage, as seen through the proxy. */
    access: S3Access;
    log: Exchange[];
    /** How often an operation was asked for. */
    count: (operation: OperationName) => number;
    /** From now on; earlier rules come first. @returns How often it has struck. */
    add: (rule: Rule) => { readonly hits: number; remove: () => void };
    /** The network is well again; what hangs is let go. */
    heal: () => void;
    /** Ends every connection, also idle ones. */
    hangUp: () => void;
    /** Connections that are open. */
    sockets: () => number;
  }>;

type Live = { rule: Rule; seen: number; hits: number };

export async function openFaultProxy(behind: S3Access): Promise<FaultProxy> {
  const target = new URL(behind.endpoint);
  const log: Exchange[] = [];
  const sockets = new Set<Socket>();
  let rules: Live[] = [];
  let healing = new AbortController();

  function due(request: IncomingMessage): Action[] {
    return rules.flatMap((live) => {
      const { match, nth, action } = live.rule;
      const operation = operationOf(request.method!, request.url!);
      const isMeant =
        match === undefined ||
        (typeof match === 'function' ? match(request) : [match].flat().includes(operation!));
      if (!isMeant) return [];
      live.seen += 1;
      if (nth !== undefined && ![nth].flat().includes(live.seen)) return [];
      live.hits += 1;
      return [action].flat();
    });
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const actions = due(request);
    const { method = '', url = '' } = request;
    const exchange: Exchange = {
      method,
      url,
      operation: operationOf(method, url),
      atMs: Date.now(),
      status: undefined,
      forwarded: false,
      bytesIn: 0,
      actions: actions.map(({ kind }) => kind),
    };
    log.push(exchange);
    const has = <Kind extends Action['kind']>(kind: Kind) =>
      actions.find((action): action is Extract<Action, { kind: Kind }> => action.kind === kind);
    const gone = new AbortController();
    const { socket } = request;
    const left = () => gone.abort();
    socket.once('close', left);
    response.once('close', () => socket.off('close', left)); // The next request has the same socket.
    const signal = AbortSignal.any([healing.signal, gone.signal]);
    const latency = has('latency');
    if (latency) {
      const jitterMs = (latency.jitterMs ?? 0) * (2 * Math.random() - 1);
      await delay(Math.max(0, latency.ms + jitterMs), undefined, { signal }).catch(() => {});
    }
    const count = async function* (body: AsyncIterable<Buffer>) {
      for await (const chunk of body) {
        exchange.bytesIn += chunk.length;
        yield chunk;
      }
    };
    // Not destroyed with an early end: that would hang up politely, where a reset is wanted.
    const arriving = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    const body = filtered(count(arriving), actions, 'request', signal);
    const instead = has('replaceResponse');
    if (instead && !instead.forward) {
      await drain(body);
      return finish(instead);
    }

    const copies: Buffer[] = [];
    const isTwice = has('duplicateRequest');
    const answer = await forward(request, isTwice ? remembering(body, copies) : body);
    exchange.forwarded = true;
    const later = async () => {
      if (!isTwice) return;
      await delay(isTwice.laterMs ?? 0);
      await drain(await forward(request, Readable.from(copies, { objectMode: false })));
    };
    if (has('dropResponse') || instead) {
      await drain(answer);
      await later();
      if (instead) return finish(instead);
      throw new Reset();
    }
    if (isTwice && isTwice.laterMs === undefined) await later();
    else void later().catch(() => {});
    const interim = has('interim');
    if (interim?.status === 102) response.writeProcessing();
    if (interim?.status === 103) response.writeEarlyHints({ link: '</a>; rel=preload' });
    const appended = has('appendBody');
    const length =
      Number(answer.headers['content-length']) + Buffer.byteLength(appended?.text ?? '');
    const headers = answer.rawHeaders.flatMap((text, i, all) =>
      i % 2 === 0
        ? [text, /^content-length$/i.test(text) && appended ? String(length) : all[i + 1]!]
        : [],
    );
    exchange.status = answer.statusCode;
    response.writeHead(answer.statusCode!, headers);
    const filters = filtered(answer, actions, 'response', signal);
    // A HEAD has a length and no body; a pipeline would wait for bytes that never come.
    if (method === 'HEAD') {
      await drain(filters);
      response.end();
    } else await pipeline(Readable.from(filters, { objectMode: false }), response);
    if (has('closeIdle')) request.socket.destroySoon();

    function finish({
      status,
      headers: given = {},
      body: text = '',
    }: typeof instead & object): void {
      exchange.status = status;
      response.writeHead(status, { 'content-length': Buffer.byteLength(text), ...given });
      response.end(method === 'HEAD' ? undefined : text);
    }
  }

  function forward(
    request: IncomingMessage,
    body: AsyncIterable<Buffer>,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const upstream = httpRequest({
        host: target.hostname,
        port: target.port,
        method: request.method!,
        path: request.url!,
        // Untouched: the signature covers them, the Host among them.
        headers: request.rawHeaders,
        agent: false,
      });
      upstream.once('response', resolve);
      upstream.once('error', reject);
      pipeline(Readable.from(body, { objectMode: false }), upstream).catch((error: unknown) => {
        upstream.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    // Neither side is told more than a broken line tells.
    const { socket } = request;
    serve(request, response).catch(() => socket.resetAndDestroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server has an AddressInfo.
  return {
    access: { ...behind, endpoint: `http://127.0.0.1:${port}` },
    log,
    count: (operation) => log.filter((exchange) => exchange.operation === operation).length,
    add(rule) {
      const live: Live = { rule, seen: 0, hits: 0 };
      rules.push(live);
      return {
        get hits() {
          return live.hits;
        },
        remove: () => void (rules = rules.filter((other) => other !== live)),
      };
    },
    heal() {
      rules = [];
      healing.abort();
      healing = new AbortController();
    },
    hangUp: () => server.closeAllConnections(),
    sockets: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      healing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function drain(body: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of body) void chunk;
}

async function* remembering(body: AsyncIterable<Buffer>, copies: Buffer[]): AsyncIterable<Buffer> {
  for await (const chunk of body) {
    copies.push(chunk);
    yield chunk;
  }
}
