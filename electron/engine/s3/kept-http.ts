/**
 * @file Small requests over connections that are kept, and written by hand: Node's own client takes as long
 * for one of them as signing it and both its rows in the ledger. Whose certificates are believed stays its
 * agents' business; what goes through a proxy, or in pieces, is left to it.
 */
import type { Agent } from 'node:http';
import { isIP, type OnReadOpts, type Socket } from 'node:net';
import { readAnswer } from './answer-bytes.ts';
import type { Answer, Request } from './light-http.ts';
import { TimeoutError } from './line.ts';

/** As Node's agents have it: a line that has gone is noticed while nothing is sent. */
const PROBED_AFTER_MS = 1_000;

type Connection = ReturnType<typeof openConnection>;
type Asked = Readonly<{
  isHead: boolean;
  done: (answer: Answer) => void;
  failed: (error: unknown) => void;
}>;

export type KeptHttp = Readonly<{
  /** As `Send`, without its learning from time. */
  exchange: (request: Request, signal: AbortSignal, waitMs: number) => Promise<Answer>;
  destroy: () => void;
}>;

export function createKeptHttp(agentFor: (scheme: string) => Agent, connectMs: number): KeptHttp {
  /** By the agent's names for them: it is asked anew whether one may still be used. The last one used comes first. */
  const idle = new Map<string, Connection[]>();
  const open = new Set<Connection>();

  const known = new WeakMap<URL, ReturnType<typeof optionsFor>>();
  function optionsFor(url: URL) {
    const { options } = agentFor(url.protocol) as Agent & { options: object };
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    const servername = isIP(host) === 0 ? host : '';
    return { ...options, host, port, servername };
  }

  function take(url: URL): Connection {
    const agent = agentFor(url.protocol);
    const options = known.get(url) ?? optionsFor(url);
    known.set(url, options);
    const name = agent.getName(options);
    const kept = idle.get(name) ?? [];
    idle.set(name, kept);
    for (let last = kept.pop(); last !== undefined; last = kept.pop()) {
      if (last.isGood()) return last;
      last.end();
    }
    // Under this name the agent keeps what TLS was agreed on, so that it need not begin anew.
    const connect = (onread: OnReadOpts) =>
      agent.createConnection({ ...options, _agentKey: name, onread } as object) as Socket;
    const connection = openConnection(connect, connectMs, {
      free: () => kept.push(connection),
      closed() {
        open.delete(connection);
        const at = kept.indexOf(connection);
        if (at !== -1) kept.splice(at, 1);
      },
    });
    open.add(connection);
    return connection;
  }

  return {
    exchange: (request, signal, waitMs) =>
      new Promise((resolve, reject) => {
        const head = headOf(request);
        if (signal.aborted) return reject(aborted()); // What is written is on its way.
        const connection = take(request.url);
        const giveUp = () => connection.end(aborted());
        signal.addEventListener('abort', giveUp);
        const asked = {
          isHead: request.method === 'HEAD',
          done(answer: Answer) {
            signal.removeEventListener('abort', giveUp);
            resolve(answer);
          },
          failed(error: unknown) {
            signal.removeEventListener('abort', giveUp);
            reject(error);
          },
        };
        connection.ask(asked, head, request.body, waitMs);
        return undefined;
      }),
    destroy() {
      for (const connection of open) connection.end();
    },
  };
}

const aborted = () => new DOMException('The operation was aborted', 'AbortError');

/** What has come is read before anything else comes, by any of them: new memory for each answer would be 64 KiB. */
const incoming = Buffer.alloc(16 * 1024);

/** One at a time is asked over it. */
function openConnection(
  connect: (onread: OnReadOpts) => Socket,
  connectMs: number,
  tell: Readonly<{ free: () => void; closed: () => void }>,
) {
  let asked: Asked | undefined;
  let bytes: Buffer | undefined;
  let goodUntilMs = Infinity;
  const socket = connect({
    buffer: incoming,
    callback(length) {
      const piece = incoming.subarray(0, length);
      bytes = bytes === undefined ? piece : Buffer.concat([bytes, piece]);
      read(false);
      if (bytes === piece) bytes = Buffer.from(piece);
      return true; // It goes on.
    },
  });
  const late = setTimeout(
    () => end(new TimeoutError(`No connection in ${connectMs} ms`, true)),
    connectMs,
  );
  socket.once('connect', () => {
    clearTimeout(late);
    socket.setKeepAlive(true, PROBED_AFTER_MS);
  });
  socket.on('end', () => read(true));
  socket.on('timeout', () => end(new TimeoutError(`Nothing moved for ${socket.timeout} ms`)));
  socket.on('error', end);
  socket.on('close', () => {
    clearTimeout(late);
    tell.closed();
    end();
  });

  /** @param why For who waits for an answer: a storage lets go what it has kept for long. */
  function end(why: unknown = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })) {
    const before = asked;
    asked = undefined;
    socket.destroy();
    before?.failed(why);
  }

  function read(isOver: boolean): void {
    if (asked === undefined || bytes === undefined) return end(); // What was not asked for is no answer.
    try {
      const whole = readAnswer(bytes, asked.isHead, isOver);
      if (whole === undefined) return isOver ? end() : undefined;
      const { done } = asked;
      asked = bytes = undefined;
      // Refused before it was all sent: what is left of it must not be sent while its memory is used again.
      if (isOver || !whole.isKept || socket.writableLength > 0) socket.destroy();
      else rest(whole.keptSeconds);
      return done(whole.answer);
    } catch (error) {
      return end(error);
    }
  }

  function rest(seconds: number | undefined): void {
    // A second before the storage closes it.
    if (seconds !== undefined) goodUntilMs = performance.now() + (seconds - 1) * 1_000;
    socket.unref(); // Idle, it keeps no program from ending.
    tell.free();
  }

  return {
    isGood: () => socket.writable && performance.now() < goodUntilMs,
    end,
    ask(next: Asked, head: string, body: Uint8Array | undefined, waitMs: number): void {
      asked = next;
      socket.ref();
      if (socket.timeout !== waitMs) socket.setTimeout(waitMs);
      socket.cork();
      socket.write(head, 'latin1');
      if (body !== undefined) socket.write(body);
      socket.uncork();
    },
  };
}

/** What cannot stand in a header: it would begin another one, or has no byte of its own. */
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws TypeError */
function headOf({ method, path, headers }: Request): string {
  if (/[^\x21-\x7e]/.test(path)) throw new TypeError('A path with a sign that cannot be sent');
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (const name in headers) {
    const value = headers[name]!;
    if (UNSENDABLE.test(value)) throw new TypeError(`A sign in ${name} that cannot be sent`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}connection: keep-alive\r\n\r\n`;
}
