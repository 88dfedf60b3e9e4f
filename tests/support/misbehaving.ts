/** @file Servers that are no storage: a network's sign-in page, and one that answers what it is told to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canaryKeys } from './canary.ts';
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
    ...canaryKeys,
    bucket: 'bucket',
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const signInHtml =
  '<!doctype html><html><body><form action="/login">Welcome to the café</form></body></html>\n';

/** What a café's network answers to everything until somebody has signed in. */
export const signInPage =
  (status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers });
    response.end(signInHtml);
  };
