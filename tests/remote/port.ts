/** @file What both halves of the conformance suite need: a bucket of its own for each test, and the port to it. */
import { get as httpsGet } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { inject } from 'vitest';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { AppError } from '../../shared/errors.ts';
import { encodeValue } from '../../shared/metadata.ts';
import { MIB } from '../../shared/parts.ts';
import { openRemote } from '../support/engine.ts';
import { certificate, tlsFront } from '../support/tls-front.ts';
import { openServer, serverNames, type S3Access, type ServerName } from '../support/s3-servers.ts';

export const signal = () => AbortSignal.timeout(50_000);

const metadata = {
  user_id: 'teacher-7',
  upload_token: 'token-1',
  original_filename: encodeValue('Économie – week 1.mp3'),
};
export const headers = { contentType: 'audio/mpeg', metadata };
/** The metadata of `headers` as the port gives it back. */
export const decoded = { ...metadata, original_filename: 'Économie – week 1.mp3' };

/** The two ways to every storage: what holds on one holds on the other. */
export const ways = ['light', 'sdk'] as const;
type Way = (typeof ways)[number];
type Road = Readonly<{ name: ServerName; way: Way; line: 'http' | 'TLS of a private authority' }>;
export const roads: readonly Road[] = serverNames.flatMap((name) =>
  (['http', 'TLS of a private authority'] as const).flatMap((line) =>
    ways.map((way) => ({ name, way, line })),
  ),
);

type Port = Readonly<{
  s3: S3Access;
  remote: Remote;
  /** Another one to the same storage, the same way. */
  open: (settings: Partial<StorageSettings>) => Remote & Disposable;
  /** As a browser that trusts the same authorities. */
  get: (url: string, headers?: Record<string, string>) => Promise<Response>;
}>;

let keys: ReturnType<typeof certificate> | undefined;

export async function openPort({ name, way, line }: Road): Promise<Port & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer(name));
  const isPrivate = line !== 'http';
  let there: Partial<StorageSettings> = {};
  if (isPrivate) {
    keys ??= certificate(inject('runDir'), 'A School');
    const front = stack.use(await tlsFront(await keys, Number(new URL(s3.endpoint).port)));
    there = { endpoint: `https://127.0.0.1:${front.port}`, ca: (await keys).ca };
  }
  const open: Port['open'] = (settings) => openRemote(s3, { way, ...there, ...settings });
  const remote = stack.use(open({}));
  const get: Port['get'] = (url, asked = {}) =>
    isPrivate ? trusting(there.ca, url, asked) : fetch(url, { headers: asked });
  return { s3, remote, open, get, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** `fetch` takes no authorities. */
function trusting(ca: string | undefined, url: string, asked: Record<string, string>) {
  return new Promise<Response>((resolve, reject) => {
    httpsGet(url, { ca, headers: asked }, (answer) => {
      const { statusCode: status = 0, headers: told } = answer;
      const entries = Object.entries(told).map(([name, value]) => [name, String(value)] as const);
      buffer(answer).then(
        (body) => resolve(new Response(body, { status, headers: Object.fromEntries(entries) })),
        reject,
      );
    }).on('error', reject);
  });
}

/** The code of the error that a call ends with. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: unknown) => (error instanceof AppError ? error.code : `foreign: ${String(error)}`),
  );
}

export const put = (remote: Remote, key: string, body: Uint8Array) =>
  remote.putObject(key, body, crc32(body), headers, signal());

/** Two parts, the first as small as the first of two may be. */
export const bodies: readonly Uint8Array[] = [Buffer.alloc(5 * MIB, 1), Buffer.from('the end')];

export function wholeOf(pieces: readonly Uint8Array[]): { sizeBytes: number; crc32: number } {
  const all = Buffer.concat(pieces);
  return { sizeBytes: all.length, crc32: crc32(all) };
}

type Parts = Parameters<Remote['completeUpload']>[2];

export async function sendParts(
  remote: Remote,
  key: string,
  id: string,
  pieces: readonly Uint8Array[],
): Promise<Parts> {
  const parts: Parts[number][] = [];
  for (const [i, body] of pieces.entries()) {
    const crc = crc32(body);
    const etag = await remote.putPart(key, id, i + 1, body, crc, signal());
    parts.push({ number: i + 1, etag, sizeBytes: body.length, crc32: crc });
  }
  return parts;
}
