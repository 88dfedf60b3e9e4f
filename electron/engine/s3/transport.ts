/** @file How bytes reach the storage: sockets, proxies, how long is waited. */
import { Agent as HttpAgent } from 'node:http';
import { Readable } from 'node:stream';
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import type { Correction } from '#shared/corrections.ts';
import { isLoopback } from '#shared/loopback.ts';
import { createAddress, type Address } from './address.ts';
import { CheckingAgent, type Certificate } from './certificates.ts';
import type { StorageSettings } from './storage-settings.ts';
import { clockTeller } from './clock.ts';
import { unremembered, type Known } from './known.ts';
import { createKeptHttp } from './kept-http.ts';
import type { Route } from './light-http.ts';
import { lineOf } from './line.ts';
import { createUploadLimit, paced } from './upload-limit.ts';

/** No answer to a connection attempt for this long counts as unreachable. */
const CONNECTION_TIMEOUT_MS = 10_000;
/** A socket on which nothing moves for this long is dead, where no slow line explains it. */
const IDLE_SOCKET_TIMEOUT_MS = 60_000;
/** As many as calls at a time. */
const MAX_SOCKETS = 128;

/** The same sockets, patience and address for both ways of sending. */
export type Transport = Readonly<{
  handler: NodeHttpHandler;
  route: Route;
  address: Address;
  tellClock: (aheadMs: number) => void;
  /** What the storage showed of itself; `undefined` over plain http. */
  certificate: () => Certificate | undefined;
}>;

/**
 * The proxy variables are Node's own business (`proxyEnv`, Node 24.5): HTTP_PROXY, HTTPS_PROXY and
 * NO_PROXY, in capitals or not. A Node without it connects directly.
 *
 * @param known What is remembered of the storage; nothing unless given.
 */
export function openTransport(
  settings: StorageSettings,
  known: Known = unremembered(),
  onCorrected: (correction: Correction) => void = () => {},
): Transport {
  const { endpoint } = settings;
  const { protocol, hostname } = new URL(endpoint ?? 'https://s3.amazonaws.com');
  // No proxy reaches this computer's own loopback.
  const proxyEnv = isLoopback(hostname) ? {} : settings.proxyEnv;
  const shared = { keepAlive: true, maxSockets: MAX_SOCKETS, proxyEnv };
  const isPlain = protocol === 'http:';
  const httpAgent = new HttpAgent(shared);
  const httpsAgent = isPlain ? undefined : new CheckingAgent(settings, shared);
  const agentFor = (scheme: string) => (scheme === 'https:' && httpsAgent) || httpAgent;
  const isDirect = Object.keys(proxyEnv).length === 0;
  const route: Route = {
    agentFor,
    kept: isDirect ? createKeptHttp(agentFor, CONNECTION_TIMEOUT_MS) : undefined,
    line: lineOf(settings.idleMs ?? IDLE_SOCKET_TIMEOUT_MS),
    connectMs: CONNECTION_TIMEOUT_MS,
    limit: createUploadLimit(settings.bytesPerSecond ?? (() => undefined)),
    explain: async (error) => httpsAgent?.explain(error),
  };
  const agents = { httpAgent, ...(httpsAgent && { httpsAgent }) };
  return {
    handler: new PatientHandler(agents, route),
    route,
    address: createAddress(settings, known, onCorrected),
    tellClock: clockTeller(onCorrected),
    certificate: () => httpsAgent?.certificate(),
  };
}

type Agents = Readonly<{ httpAgent: HttpAgent; httpsAgent?: CheckingAgent }>;

type Request = Parameters<NodeHttpHandler['handle']>[0];

/** The same request, whose length and signature were made for its whole body. */
function inPieces(request: Request, pieces: AsyncIterable<Uint8Array>): Request {
  const body = Readable.from(pieces, { objectMode: false });
  body.on('error', () => {}); // It ends with the request, whose own error is told.
  return Object.assign(Object.create(Object.getPrototypeOf(request)) as Request, request, { body });
}

/** Waits as long as the line needs for a body of that size, and learns from each that came through or not. */
class PatientHandler extends NodeHttpHandler {
  readonly #agents: Agents;
  readonly #route: Route;

  constructor(agents: Agents, route: Route) {
    super(agents);
    this.#agents = agents;
    this.#route = route;
  }

  override async handle(
    ...[request, options]: Parameters<NodeHttpHandler['handle']>
  ): ReturnType<NodeHttpHandler['handle']> {
    const { body } = request as { body?: unknown };
    const bytes = body instanceof Uint8Array ? body.byteLength : 0;
    const { line, connectMs, explain, limit } = this.#route;
    const waitMs = line.waitMs(bytes);
    const own: NodeHttpHandlerOptions = {
      ...this.#agents,
      connectionTimeout: connectMs,
      socketTimeout: waitMs,
      throwOnRequestTimeout: true,
    };
    const ending = new AbortController();
    const startMs = performance.now();
    try {
      const sent =
        bytes > 0 && limit.pieceBytes() !== undefined
          ? inPieces(request, paced(body as Uint8Array, limit, ending.signal))
          : request;
      const answer = await new NodeHttpHandler(own).handle(sent, options);
      line.took(bytes, performance.now() - startMs);
      return answer;
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') line.silent(bytes, waitMs);
      await explain(error);
      throw error;
    } finally {
      ending.abort(); // A body that nobody waits for any more.
    }
  }

  override destroy(): void {
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent?.destroy();
    this.#route.kept?.destroy();
  }
}
