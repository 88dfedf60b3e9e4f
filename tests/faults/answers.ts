/** @file Answers that no storage should give, and those that every storage gives sometimes. */
import type { Action } from '../support/fault-actions.ts';
import { signInHtml } from '../support/misbehaving.ts';

type Instead = Extract<Action, { kind: 'replaceResponse' }>;

/** A network's sign-in page: whatever was asked, and whatever of it the storage heard. */
export const signIn = (status: number): Instead => ({
  kind: 'replaceResponse',
  status,
  headers: {
    'content-type': 'text/html',
    ...(status === 302 ? { location: 'http://login.example/' } : {}),
  },
  body: signInHtml,
});

/** S3's own way to say no. */
export const refusal = (
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Instead => ({
  kind: 'replaceResponse',
  status,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'R1', ...headers },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>No</Message><RequestId>R1</RequestId></Error>`,
});

/** An error that comes with 200, as CompleteMultipartUpload may answer. The storage did nothing. */
export const errorInSuccess = (before: string, after: string): Instead => ({
  kind: 'replaceResponse',
  status: 200,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'R1' },
  body: `${before}<Error><Code>InternalError</Code><Message>We failed</Message></Error>${after}`,
});

export const nothing = (forward: boolean): Instead => ({
  kind: 'replaceResponse',
  status: 200,
  headers: { 'content-type': 'application/xml', 'x-amz-request-id': 'R1' },
  body: '',
  forward,
});
