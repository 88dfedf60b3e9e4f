/** @file How answers leave: JSON, never cached, never shown as anything else, and errors in words. */
import type { ServerResponse } from 'node:http';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { remedyOf, wordsOf } from '#shared/troubles/catalogue.ts';

export type Answer = Readonly<{ status: number; body: unknown }>;

/** A request that is refused for what it is, before or without asking the storage. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;
  readonly remedy: string;

  constructor(
    status: number,
    code:
      | 'forbidden'
      | 'bad-request'
      | 'no-route'
      | 'method'
      | 'media-type'
      | 'wrong-type'
      | 'stopping',
    words: Readonly<{ title: string; remedy: string }>,
  ) {
    super(words.title);
    this.status = status;
    this.code = code;
    this.remedy = words.remedy;
  }
}

export function badRequest(title: string, remedy: string): Refused {
  return new Refused(400, 'bad-request', { title, remedy });
}

/** On every answer. No CORS header among them: other pages are not to read anything. */
const headers = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY', // For browsers that do not know the line above.
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

export function setHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

export function sendJson(response: ServerResponse, { status, body }: Answer): void {
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(body)}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** The storage's and our own troubles as HTTP has numbers for them; 500 for the rest. */
const statusOf: Partial<Record<ErrorCode, number>> = {
  'bad-id': 400,
  'empty-file': 400,
  'access-denied': 403,
  'upload-denied': 403,
  'read-denied': 403,
  'delete-denied': 403,
  'restore-denied': 403,
  'list-denied': 403,
  'unfinished-denied': 403,
  'end-denied': 403,
  'rules-denied': 403,
  'rules-changed': 409,
  'set-by-school': 403,
  'no-object': 404,
  'key-taken': 409,
  'object-archived': 409,
  'object-restoring': 409,
  'not-archived': 409,
  'fast-restore-full': 503,
  'too-large': 413,
  'scan-hit': 422,
  'not-supported': 501,
  'rules-unknown': 501,
  offline: 502,
  'not-storage': 502,
  'untrusted-connection': 502,
  'server-error': 502,
  'credentials-missing': 502,
  'wrong-access-key': 502,
  'wrong-secret': 502,
  'sign-in-expired': 502,
  'sign-in-failed': 502,
  'no-bucket': 502,
  'wrong-region': 502,
  'clock-skew': 502,
  'request-refused': 502,
  'damaged-in-transit': 502,
  'damaged-copy': 502,
  busy: 503,
  'policy-unreadable': 503,
  'scan-failed': 503,
  'scanner-missing': 503,
  'cannot-write': 507,
};

/** `{"error":{code,title,remedy,detail,requestId}}`, as the command line prints it. */
export function errorAnswer(error: unknown): Answer {
  if (error instanceof Refused) {
    const { status, code, message: title, remedy } = error;
    return { status, body: { error: { code, title, remedy } } };
  }
  const known = AppError.from(error);
  const { code, title: inWindow, message, requestId } = known;
  const { title } = wordsOf(code, 'cli');
  const remedy = remedyOf(code, 'cli');
  const detail = message === inWindow ? undefined : message;
  return {
    status: statusOf[code] ?? 500,
    body: { error: { code, title, remedy, detail, requestId } },
  };
}
