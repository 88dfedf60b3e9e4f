/**
 * @file A small, strict S3 for this computer alone: the storage of the demo, and the server of the
 * tests. Speaks plain HTTP on the loopback interface, path-style addresses only.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { loadCredentials } from './credentials.ts';
import { handleRequest, newRequestId, type RequestEntry, type Service } from './handle.ts';
import { checkBucketName } from './operations/buckets.ts';
import { openStore } from './store/store.ts';
import type { Switches } from './switches.ts';

export interface EmbeddedS3Options {
  /** Holds everything; made if missing. Only one server at a time can use it. */
  readonly dataDir: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Created if missing. */
  readonly bucket?: string;
  readonly region?: string;
  /** Random for each `dataDir`, and kept there, unless given. */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly nowMs?: () => number;
  /** Path of another build of SQLite's native module, for an older Electron. */
  readonly nativeBinding?: string | undefined;
  /** For tests alone: a storage that is not quite S3. */
  readonly switches?: Switches;
  /** Called after each answer. */
  readonly onRequest?: (entry: RequestEntry) => void;
}

export interface EmbeddedS3 extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
  /** Ends open connections and lets go of the data. May be called twice. */
  close(): Promise<void>;
}

const MAX_HEADER_BYTES = 32 * 1024;
/** A connection on which nothing moves for this long is closed, as S3 does. */
const IDLE_MS = 120_000;

/** Starts a server on the data in `dataDir`; resolves when it answers. */
export async function startEmbeddedS3(options: EmbeddedS3Options): Promise<EmbeddedS3> {
  const { dataDir, bucket = 'pansea-demo', region = 'us-east-1', nowMs = Date.now } = options;
  checkBucketName(bucket);
  const store = await openStore(dataDir, nowMs(), options.nativeBinding);
  options.switches?.opened?.(store);
  try {
    const { accessKeyId, secretAccessKey } = await chooseCredentials(options);
    if (!store.buckets.find(bucket))
      await store.commit(() => store.buckets.create(bucket, nowMs()));
    const account = { accessKeyId, secretAccessKey, region };
    const running = new Set<Promise<void>>();
    const { onRequest, switches } = options;
    const server = createHttpServer({ store, account, nowMs, onRequest, switches }, running);
    const port = await listen(server, options.port ?? 0);
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await Promise.allSettled(running);
      await store.close();
    };
    const closeOnce = (): Promise<void> => (closing ??= close());
    return {
      endpoint: `http://127.0.0.1:${port}`,
      region,
      accessKeyId,
      secretAccessKey,
      bucket,
      close: closeOnce,
      [Symbol.asyncDispose]: closeOnce,
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function chooseCredentials(options: EmbeddedS3Options) {
  const { accessKeyId, secretAccessKey } = options;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey };
  }
  const stored = await loadCredentials(options.dataDir);
  return {
    accessKeyId: accessKeyId ?? stored.accessKeyId,
    secretAccessKey: secretAccessKey ?? stored.secretAccessKey,
  };
}

/** @param running Filled with the requests being served, so that closing can wait for their ends. */
function createHttpServer(service: Service, running: Set<Promise<void>>): Server {
  const serve = (message: IncomingMessage, response: ServerResponse, waits: boolean): void => {
    const request = handleRequest(service, message, response, waits)
      .catch(() => response.destroy())
      .then(() => void running.delete(request));
    running.add(request);
  };
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: 0, // A large part over a slow line takes as long as it takes.
    headersTimeout: 60_000,
    keepAliveTimeout: IDLE_MS,
    noDelay: true,
  });
  server.timeout = IDLE_MS;
  server.on('request', (message, response) => serve(message, response, false));
  server.on('checkContinue', (message, response) => serve(message, response, true));
  server.on('clientError', refuseMalformed);
  return server;
}

/** Answers what is not HTTP, or has headers too large, before there is a request to speak of. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code =
    error.code === 'HPE_HEADER_OVERFLOW' ? 'RequestHeaderSectionTooLarge' : 'InvalidRequest';
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: application/xml',
    `Content-Length: ${body.length}`,
    `x-amz-request-id: ${newRequestId()}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port); // A TCP server has an AddressInfo.
    });
  });
}
