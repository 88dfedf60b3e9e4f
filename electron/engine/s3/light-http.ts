/** @file One request and its whole answer over Node's own HTTP client, for the light path. */
import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { KeptHttp } from './kept-http.ts';
import { TimeoutError, type Line } from './line.ts';
import { FREE_PIECE_BYTES, paced, type UploadLimit } from './upload-limit.ts';

/** A page of 1,000 keys of 1,024 escaped bytes each stays below this. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export type Route = Readonly<{
  agentFor: (protocol: string) => Agent;
  line: Line;
  /** No answer to a connection attempt for this long counts as unreachable, milliseconds. */
  connectMs: number;
  /** Of all bodies together. */
  limit: UploadLimit;
  /** For what is small; nothing where a proxy is in between. */
  kept: KeptHttp | undefined;
  /** Adds to an error what is known of its reason. */
  explain: (error: unknown) => Promise<void>;
}>;

export type Answer = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}>;

export type Request = Readonly<{
  url: URL;
  method: string;
  /** As it goes over the wire: `URL` would change what is signed. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array | undefined;
  /** The kernel has all of the body. What is small is not told of. */
  onGone?: (() => void) | undefined;
  /** It has so many bytes of it. Of what is small nothing is told. */
  onPassed?: ((bytes: number) => void) | undefined;
}>;

export type Send = (request: Request, signal: AbortSignal) => Promise<Answer>;

/** @returns A sender that throws what Node threw, a `TimeoutError`, or an `AbortError`. */
export function createSend(route: Route): Send {
  const { agentFor, kept, line, connectMs, explain, limit } = route;

  return async (request, signal) => {
    const bytes = request.body?.byteLength ?? 0;
    const waitMs = line.waitMs(bytes);
    const startMs = performance.now();
    try {
      const send = (mayKeep(request) && kept?.exchange) || exchange;
      const answer = await send(request, signal, waitMs);
      line.took(bytes, performance.now() - startMs);
      return answer;
    } catch (error) {
      if (error instanceof TimeoutError && !error.isConnecting) line.silent(bytes, waitMs);
      await explain(error);
      throw error;
    }
  };

  /** What has next to no answer, and goes out in one piece. */
  function mayKeep({ method, body }: Request): boolean {
    const isSmall = (body?.byteLength ?? 0) <= FREE_PIECE_BYTES;
    return method !== 'GET' && isSmall && limit.pieceBytes() === undefined;
  }

  function exchange(
    { url, method, path, headers, body, onGone, onPassed }: Request,
    signal: AbortSignal,
    waitMs: number,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const sent = open({
        protocol: url.protocol,
        hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: url.port || undefined,
        agent: agentFor(url.protocol),
        method,
        path,
        headers,
        timeout: waitMs,
      });
      // Node's own option watches both ends of both streams for it.
      const giveUp = () =>
        sent.destroy(new DOMException('The operation was aborted', 'AbortError'));
      signal.addEventListener('abort', giveUp);
      sent.on('close', () => signal.removeEventListener('abort', giveUp));
      if (signal.aborted) giveUp();
      sent.on('error', reject);
      sent.on('timeout', () => sent.destroy(new TimeoutError(`Nothing moved for ${waitMs} ms`)));
      sent.on('socket', (socket) => {
        if (!socket.connecting) return;
        const late = setTimeout(
          () => sent.destroy(new TimeoutError(`No connection in ${connectMs} ms`, true)),
          connectMs,
        );
        const stop = () => clearTimeout(late);
        socket.once('connect', stop).once('close', stop);
      });
      sent.on('response', (answer) => {
        // Refused before it was all sent: what is left of it must not be sent while its memory is used again.
        // Of one that is taken, Node may hear later than of its answer that it has gone out: over TLS it does.
        const isTaken = (answer.statusCode ?? 0) < 300;
        answer.on('end', () => void (!isTaken && !sent.writableFinished && sent.destroy()));
        readWhole(answer).then((text) => resolve(toAnswer(answer, text)), reject);
      });
      // Never of one that was destroyed, whose body may be sent again: some versions of Node finish that, too.
      sent.on('finish', () => void (!sent.destroyed && onGone?.()));
      if (body === undefined) return void sent.end();
      // What Node encrypts in one go is held as often again meanwhile, and keeps all else waiting; and nobody sees it leave.
      const isMuch = body.byteLength > FREE_PIECE_BYTES;
      if (!isMuch && limit.pieceBytes() === undefined) return void sent.end(body);
      pour(paced(body, limit, signal), sent, onPassed).catch(reject);
      return undefined;
    });
  }
}

/** Each piece when the one before has gone to the kernel: Node asks for more sooner, and over TLS holds both. */
async function pour(
  pieces: AsyncIterable<Uint8Array>,
  sent: ClientRequest,
  onPassed?: (bytes: number) => void,
): Promise<void> {
  let bytes = 0;
  for await (const piece of pieces) {
    await new Promise<void>((resolve, reject) => {
      sent.write(piece, (error) => (error ? reject(error) : resolve()));
    });
    onPassed?.((bytes += piece.byteLength));
  }
  sent.end();
}

function toAnswer(answer: IncomingMessage, body: string): Answer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return { status: answer.statusCode ?? 0, headers, body };
}

function readWhole(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MAX_ANSWER_BYTES) return answer.destroy(new Error('The answer does not end'));
      return pieces.push(piece);
    });
    answer.on('end', () => resolve(Buffer.concat(pieces).toString()));
    answer.on('error', reject);
  });
}
