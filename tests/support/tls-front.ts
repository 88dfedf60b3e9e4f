/** @file A storage under a name of its own: https before the embedded S3, and the only way there a proxy. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';

/** Resolves nowhere (RFC 2606): only the proxy knows where it is. */
export const STORAGE_NAME = 'storage.example';

const openssl = (text: string, ...more: string[]) =>
  promisify(execFile)('openssl', [...text.split(' '), ...more]);

/**
 * A certificate for `STORAGE_NAME` and this computer that no operating system trusts: its own issuer, or
 * issued by `authority`, as by a filter that inspects connections.
 */
export async function certificate(dir: string, authority?: string) {
  const at = (name: string) => join(dir, `tls.${name}`);
  const make = 'req -x509 -newkey rsa:2048 -nodes -days 2';
  const names = `subjectAltName=DNS:${STORAGE_NAME},DNS:localhost,IP:127.0.0.1`;
  const byAuthority = ['-CA', at('authority.crt'), '-CAkey', at('authority.key')];
  const files = (name: string) => ['-keyout', at(`${name}key`), '-out', at(`${name}crt`)];
  if (authority !== undefined)
    await openssl(make, ...files('authority.'), '-subj', `/CN=${authority}`);
  const of = ['-subj', '/CN=A Storage', '-addext', names];
  await openssl(make, ...files(''), ...of, ...(authority === undefined ? [] : byAuthority));
  const own = await readFile(at('crt'));
  const issuer = authority === undefined ? own : await readFile(at('authority.crt'));
  return {
    key: await readFile(at('key')),
    cert: Buffer.concat(authority === undefined ? [own] : [own, issuer]),
    /** Who believes this believes the certificate. */
    ca: issuer.toString(),
  };
}

/** @param toPort The storage behind, on loopback. */
export async function tlsFront(keys: { key: Buffer; cert: Buffer }, toPort: number) {
  const server = createTlsServer(keys, (socket) =>
    joinSockets(socket, connect(toPort, '127.0.0.1')),
  );
  return listening(server);
}

/**
 * A proxy that takes whoever knows the password to one place, wherever they ask to go.
 *
 * @param password `name:password` that it asks for.
 */
export async function openProxy(toPort: number, password?: string) {
  const asked: string[] = [];
  const isKnown = ({ headers }: IncomingMessage) =>
    password === undefined ||
    headers['proxy-authorization'] === `Basic ${Buffer.from(password).toString('base64')}`;
  const server = createHttpServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(isKnown(request) ? 502 : 407).end();
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    if (!isKnown(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    joinSockets(socket, connect(toPort, '127.0.0.1'));
  });
  return { ...(await listening(server)), asked };
}

function joinSockets(a: Socket, b: Socket): void {
  a.pipe(b).pipe(a);
  a.on('error', () => b.destroy());
  b.on('error', () => a.destroy());
}

type Passing = Readonly<{ path: string; host: string }>;

/**
 * Something that answers for a storage and passes on what it is asked, changed: what schools put before
 * theirs, or a proxy of plain http.
 *
 * @param endpoint The storage behind.
 */
export async function openFront(
  endpoint: string,
  change: (asked: Passing) => Passing = (asked) => asked,
) {
  const { hostname, port } = new URL(endpoint);
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push(`${method} ${url}`);
    // A proxy is asked for whole addresses.
    const path = url.replace(/^http:\/\/[^/]+/, '');
    const to = change({ path, host: headers.host ?? '' });
    const onward = httpRequest({
      hostname,
      port,
      method,
      path: to.path,
      headers: { ...headers, host: to.host },
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const { port: own, ...rest } = await listening(server);
  return { ...rest, asked, port: own, endpoint: `http://127.0.0.1:${own}` };
}

async function listening(server: Server) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
