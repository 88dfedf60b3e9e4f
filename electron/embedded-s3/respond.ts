/** @file Writes answers and errors to the wire. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Answer } from './call.ts';
import { S3Error } from './errors.ts';
import { element } from './xml/writer.ts';

/** Sends `answer` whole, or rejects when its bytes cannot be read or sent to their end. */
export async function sendAnswer(response: ServerResponse, answer: Answer): Promise<void> {
  const { body } = answer;
  if (typeof body !== 'object') {
    sendText(response, answer, body ?? '');
    return;
  }
  try {
    writeHead(response, answer);
    await pipeline(Readable.from(body.chunks(), { objectMode: false }), response);
  } finally {
    body.close();
  }
}

function sendText(response: ServerResponse, answer: Answer, text: string): void {
  writeHead(response, answer);
  const bytes = Buffer.from(text);
  const mayHaveLength = answer.status !== 204 && answer.status !== 304;
  if (mayHaveLength && !response.hasHeader('content-length')) {
    response.setHeader('content-length', bytes.length);
  }
  response.end(bytes);
}

function writeHead(response: ServerResponse, { status, headers = {} }: Answer): void {
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) response.setHeader(name, value);
  }
  response.statusCode = status;
}

/** The answer for something thrown. A surprise becomes InternalError and says what it was. */
export function errorAnswer(error: unknown, path: string, requestId: string | undefined): Answer {
  const known =
    error instanceof S3Error
      ? error
      : new S3Error('InternalError', undefined, { fields: { Detail: String(error) } });
  if (known.status === 304) return { status: 304, headers: known.headers };
  const fields = Object.entries(known.fields).map(([name, value]) => element(name, value));
  const { xml } = element(
    'Error',
    element('Code', known.code),
    element('Message', known.message),
    fields,
    element('Resource', path),
    requestId === undefined ? [] : [element('RequestId', requestId), element('HostId', 'pansea')],
  );
  return {
    status: known.status,
    headers: { ...known.headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
  };
}
