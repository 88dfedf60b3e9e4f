/** @file One behaviour of S3 that the application relies on, and what each server makes of it. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { pathOf, send, type RawRequest, type RawResponse } from '../embedded-s3/raw-client.ts';
import type { S3Access, ServerName } from '../support/s3-servers.ts';
import { openSdk } from '../support/sdk-client.ts';

export interface Context {
  readonly server: S3Access;
  readonly client: S3Client;
  /** A key of this case alone. */
  readonly key: string;
  /** Signs and sends a raw request about a key; the bucket itself without one. */
  ask(method: string, key?: string, more?: Partial<RawRequest>): Promise<RawResponse>;
}

export interface ProtocolCase {
  readonly title: string;
  /** Does something and tells what was seen, in plain values. */
  readonly observe: (context: Context) => Promise<unknown>;
  /** What AWS answers, and every server unless it deviates. */
  readonly expected: unknown;
  readonly deviations?: Partial<Record<ServerName, Deviation>>;
}

interface Deviation {
  /** Ends the sentence "this server …". */
  readonly why: string;
  readonly observed: unknown;
}

export function openClient(server: S3Access, config: S3ClientConfig = {}): S3Client {
  return openSdk(server, { maxAttempts: 1, ...config });
}

export function openContext(server: S3Access, client: S3Client, key: string): Context {
  const ask: Context['ask'] = (method, name, more) =>
    send(server, { method, path: pathOf(server.bucket, name), ...more });
  return { server, client, key, ask };
}

/** `200`, or status and code of the error a promise of the SDK rejects with. */
export async function outcome(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return '200';
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode ?? ''} ${name}`;
  }
}

/** The same of a raw answer. */
export function rawOutcome({ status, code }: RawResponse): string {
  return code === undefined ? String(status) : `${status} ${code}`;
}
