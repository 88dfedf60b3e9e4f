import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import {
  startEmbeddedS3,
  type EmbeddedS3,
  type EmbeddedS3Options,
} from '../../electron/embedded-s3/server.ts';
import { tempDir } from '../support/temp-dir.ts';
import { pathOf, send, type RawRequest, type RawResponse } from './raw-client.ts';
import { openSdk } from '../support/sdk-client.ts';

type Entry = Parameters<NonNullable<EmbeddedS3Options['onRequest']>>[0];

export interface Fixture extends EmbeddedS3 {
  readonly dataDir: string;
  /** What the server has answered so far. */
  readonly answered: readonly Entry[];
  readonly client: S3Client;
  /** Signs and sends a request about one key of the bucket; the bucket itself without a key. */
  ask(method: string, key?: string, more?: Partial<RawRequest>): Promise<RawResponse>;
}

/** A server in an empty folder of its own, with a client that does not retry. */
export async function openEmbedded(options: Partial<EmbeddedS3Options> = {}): Promise<Fixture> {
  const dir = await tempDir();
  const answered: Entry[] = [];
  const server = await startEmbeddedS3({
    dataDir: dir.path,
    onRequest: (entry) => void answered.push(entry),
    ...options,
  });
  const { endpoint, region, accessKeyId, secretAccessKey, bucket } = server;
  const client = openSdk(server, { maxAttempts: 1 });
  return {
    endpoint,
    region,
    accessKeyId,
    secretAccessKey,
    bucket,
    dataDir: dir.path,
    answered,
    client,
    ask: (method, key, more) => send(server, { method, path: pathOf(bucket, key), ...more }),
    close: () => server.close(),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await server.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** The names of the files that hold bytes of objects, finished and unfinished. */
export async function filesIn(dataDir: string): Promise<{ data: string[]; tmp: string[] }> {
  const [data, tmp] = await Promise.all(
    ['data', 'tmp'].map((name) => readdir(join(dataDir, name))),
  );
  return { data: data ?? [], tmp: tmp ?? [] };
}

/** The text between the tags of every `name` element, in order. */
export function texts(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'gu'))].map(
    ([, text = '']) => text,
  );
}

/** The text of the first such element, empty when there is none. */
export function textOf(xml: string, name: string): string {
  return texts(xml, name)[0] ?? '';
}
