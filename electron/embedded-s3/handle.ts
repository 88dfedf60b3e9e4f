/** @file The life of one request: signature first, then the operation, then the answer. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { verifyRequest, type Account } from './auth/verify.ts';
import { findOperation } from './operations.ts';
import { parseRequest, withHeadersFromQuery } from './request.ts';
import { errorAnswer, sendAnswer } from './respond.ts';
import type { Store } from './store/store.ts';
import { LostAnswer, switched, type Switches } from './switches.ts';

export interface RequestEntry {
  readonly method: string;
  readonly path: string;
  /** `Unknown` when the request was refused before it was understood. */
  readonly operation: string;
  readonly status: number;
  /** Bytes of the body that arrived, as sent. */
  readonly bytesIn: number;
}

export interface Service {
  readonly store: Store;
  readonly account: Account;
  readonly nowMs: () => number;
  readonly onRequest: ((entry: RequestEntry) => void) | undefined;
  readonly switches: Switches | undefined;
}

/**
 * Serves one request. Never rejects: what goes wrong becomes an answer, or the end of the connection.
 *
 * @param waits The client sends its body only once it is told to (`Expect: 100-continue`).
 */
export async function handleRequest(
  service: Service,
  message: IncomingMessage,
  response: ServerResponse,
  waits: boolean,
): Promise<void> {
  const nowMs = service.nowMs();
  const requestId = service.switches?.requestIds === 'none' ? undefined : newRequestId();
  const path = message.url?.split('?', 1)[0] ?? '';
  let operation = 'Unknown';
  let bytesIn = 0;
  let isBodyWanted = !waits;
  response.sendDate = false; // The clock may be the tests' own, and clients set theirs by this header.
  response.setHeader('date', new Date(nowMs).toUTCString());
  response.setHeader('server', 'PanSeaS3');
  if (requestId !== undefined) response.setHeader('x-amz-request-id', requestId);

  async function* readBody(): AsyncGenerator<Buffer> {
    if (!isBodyWanted) response.writeContinue();
    isBodyWanted = true;
    // Left open on an early end, so that the refusal still reaches a client that is sending.
    for await (const chunk of message.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer; // No encoding is set, so every chunk is a buffer.
      bytesIn += bytes.length;
      yield bytes;
    }
  }

  try {
    const signed = parseRequest(message, service.switches);
    const signer = verifyRequest(signed, accountsOf(service), nowMs);
    const request = withHeadersFromQuery(signed);
    const found = findOperation(request);
    operation = found.name;
    const { store, account, switches } = service;
    const handler = switches ? switched(found.name, found.handler, switches) : found.handler;
    const answer = await handler({
      request,
      store,
      account,
      signer,
      nowMs,
      switches,
      body: readBody,
    });
    await sendAnswer(response, answer);
  } catch (error) {
    if (response.headersSent || message.socket.destroyed || error instanceof LostAnswer) {
      response.destroy();
      return;
    }
    if (!isBodyWanted) response.setHeader('connection', 'close'); // Nobody asked for the body.
    await sendAnswer(response, errorAnswer(error, path, requestId));
    message.resume();
  }
  const { statusCode: status } = response;
  service.onRequest?.({ method: message.method ?? '', path, operation, status, bytesIn });
}

/** The owner, and those who were let in for a time. */
function accountsOf({ account, switches }: Service): [Account, ...Account[]] {
  const guests = (switches?.sessions ?? []).map(
    ({ accessKeyId, secretAccessKey, token, endsAtMs }): Account => ({
      accessKeyId,
      secretAccessKey,
      region: account.region,
      session: { token, endsAtMs },
    }),
  );
  return [account, ...guests];
}

/** As S3 writes them: 16 hexadecimal digits. */
export function newRequestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}
