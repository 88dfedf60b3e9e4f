/** @file Something between the engine and its storage that is slow, refuses, or is gone, as a test wishes. */
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

export type DifficultStorage = Readonly<{ endpoint: string }> & {
  /** Connections are broken off, as if the network were gone. */
  isDown: boolean;
  /** Objects with such bytes in their metadata or key are refused to be written, as by a policy. */
  refuses: (request: IncomingMessage) => boolean;
  /** What passes for each upload and each download, at most. */
  bytesPerSecond: number;
} & AsyncDisposable;

const REFUSAL = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>A1B2C3D4</RequestId></Error>`;

export async function openDifficultStorage(behind: string): Promise<DifficultStorage> {
  const target = new URL(behind);
  const storage = { isDown: false, refuses: () => false, bytesPerSecond: Infinity } as {
    isDown: boolean;
    refuses: DifficultStorage['refuses'];
    bytesPerSecond: number;
  };
  const server = createServer((request, response) => {
    if (storage.isDown) request.socket.destroy();
    else if (storage.refuses(request)) refuse(request, response);
    else pass(request, response);
  });

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const { hostname, port } = target;
    const { method, url, headers } = request;
    const onward = ask({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(slow(() => storage)).pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.on('error', () => onward.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(slow(() => storage)).pipe(onward);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server has an AddressInfo.
  return Object.assign(storage, {
    endpoint: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function slow(storage: () => { bytesPerSecond: number; isDown: boolean }): Transform {
  return new Transform({
    highWaterMark: 64 * 1_024,
    async transform(chunk: Buffer, _encoding, done) {
      const { bytesPerSecond } = storage();
      if (bytesPerSecond !== Infinity) await sleep((chunk.length / bytesPerSecond) * 1_000);
      done(null, chunk);
    },
  });
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume().once('end', () => {
    // An answer to HEAD has no body: its header alone says that it is the storage's.
    const headers = { 'content-type': 'application/xml', 'x-amz-request-id': 'A1B2C3D4' };
    response.writeHead(403, headers).end(request.method === 'HEAD' ? undefined : REFUSAL);
  });
}
