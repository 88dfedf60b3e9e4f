/** @file Servers that are no storage: a network's sign-in page, and one that answers what it is told to. */
import {
  createServer,
  request as send,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Access } from './s3-servers.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Listens on a free port of this computer and answers each request, once its body has come, with `answer`. */
export async function openImpostor(
  answer: Answer,
): Promise<S3Access & { requests: string[] } & AsyncDisposable> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume().once('end', () => answer(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server has an AddressInfo.
  return {
    name: 'embedded',
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    accessKeyId: 'key',
    secretAccessKey: 'secret',
    bucket: 'bucket',
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const page =
  '<!doctype html><html><body><form action="/login">Welcome to the café</form></body></html>\n';

/** What a café's network answers to everything until somebody has signed in. */
export const signInPage =
  (status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers });
    response.end(page);
  };

type Front = Readonly<{ endpoint: string }> & AsyncDisposable;

/**
 * Stands before a real server and answers in its place what `intercept` answers; the rest goes through
 * as it came, signed host and all.
 */
export async function openFront(
  behind: S3Access,
  intercept: (
    request: IncomingMessage,
  ) => { status: number; headers: OutgoingHttpHeaders; body: string } | undefined,
): Promise<Front> {
  const { hostname, port } = new URL(behind.endpoint);
  const server = createServer((request, response) => {
    const own = intercept(request);
    if (own !== undefined) {
      request.resume().once('end', () => response.writeHead(own.status, own.headers).end(own.body));
      return;
    }
    const { method, url, headers } = request;
    const onward = send({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = server.address() as AddressInfo; // A TCP server has an AddressInfo.
  return {
    endpoint: `http://127.0.0.1:${own.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
