/** @file How bytes reach the storage: sockets, proxies, how long is waited. */
import { Agent as HttpAgent } from 'node:http';
import { NodeHttpHandler, type NodeHttpHandlerOptions } from '@smithy/node-http-handler';
import { isLoopback } from '#shared/loopback.ts';
import { CheckingAgent } from './certificates.ts';
import type { StorageSettings } from './client.ts';
import { lineOf, type Line } from './line.ts';

/** No answer to a connection attempt for this long counts as unreachable. */
const CONNECTION_TIMEOUT_MS = 10_000;
/** A socket on which nothing moves for this long is dead, where no slow line explains it. */
const IDLE_SOCKET_TIMEOUT_MS = 60_000;
const MAX_SOCKETS = 64;

/**
 * The proxy variables are Node's own business (`proxyEnv`, Node 24.5): HTTP_PROXY, HTTPS_PROXY and
 * NO_PROXY, in capitals or not. A Node without it connects directly.
 */
export function requestHandler(settings: StorageSettings): NodeHttpHandler {
  const { endpoint } = settings;
  const { protocol, hostname } = new URL(endpoint ?? 'https://s3.amazonaws.com');
  // No proxy reaches this computer's own loopback.
  const proxyEnv = isLoopback(hostname) ? {} : settings.proxyEnv;
  const shared = { keepAlive: true, maxSockets: MAX_SOCKETS, proxyEnv };
  const isPlain = protocol === 'http:';
  const agents = {
    httpAgent: new HttpAgent(shared),
    ...(isPlain ? {} : { httpsAgent: new CheckingAgent(settings, shared) }),
  };
  return new PatientHandler(agents, lineOf(settings.idleMs ?? IDLE_SOCKET_TIMEOUT_MS));
}

type Agents = Readonly<{ httpAgent: HttpAgent; httpsAgent?: CheckingAgent }>;

/** Waits as long as the line needs for a body of that size, and learns from each that came through or not. */
class PatientHandler extends NodeHttpHandler {
  readonly #agents: Agents;
  readonly #line: Line;

  constructor(agents: Agents, line: Line) {
    super(agents);
    this.#agents = agents;
    this.#line = line;
  }

  override async handle(
    ...[request, options]: Parameters<NodeHttpHandler['handle']>
  ): ReturnType<NodeHttpHandler['handle']> {
    const { body } = request as { body?: unknown };
    const bytes = body instanceof Uint8Array ? body.byteLength : 0;
    const waitMs = this.#line.waitMs(bytes);
    const own: NodeHttpHandlerOptions = {
      ...this.#agents,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: waitMs,
      throwOnRequestTimeout: true,
    };
    const startMs = performance.now();
    try {
      const answer = await new NodeHttpHandler(own).handle(request, options);
      this.#line.took(bytes, performance.now() - startMs);
      return answer;
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') this.#line.silent(bytes, waitMs);
      await this.#agents.httpsAgent?.explain(error);
      throw error;
    }
  }

  override destroy(): void {
    this.#agents.httpAgent.destroy();
    this.#agents.httpsAgent?.destroy();
  }
}
