/** @file Frames bodies as aws-chunked, signed or not, for tests that then damage them. */
import { createHmac } from 'node:crypto';
import { sha256, type Signed } from './raw-client.ts';

type Chunk = string | Uint8Array;

/** Unsigned chunks and a trailer, as STREAMING-UNSIGNED-PAYLOAD-TRAILER has them. */
export function unsignedChunks(chunks: readonly Chunk[], trailer: string): Buffer {
  const framed = chunks.flatMap((chunk) => [
    `${Buffer.byteLength(chunk).toString(16)}\r\n`,
    chunk,
    '\r\n',
  ]);
  return join([...framed, '0\r\n', trailer, '\r\n']);
}

/**
 * Chunks that each carry a signature over the one before.
 *
 * @param trailer `name:value` of a trailing header, which is then signed too.
 */
export function signedChunks(signed: Signed, chunks: readonly Chunk[], trailer?: string): Buffer {
  let previous = signed.signature;
  const next = (kind: string, ...lines: string[]): string => {
    const text = [kind, signed.dateTime, signed.scope, previous, ...lines].join('\n');
    previous = createHmac('sha256', signed.key).update(text).digest('hex');
    return previous;
  };
  const framed = [...chunks, ''].flatMap((chunk) => {
    const signature = next('AWS4-HMAC-SHA256-PAYLOAD', sha256(''), sha256(chunk));
    const head = `${Buffer.byteLength(chunk).toString(16)};chunk-signature=${signature}\r\n`;
    return chunk === '' ? [head] : [head, chunk, '\r\n'];
  });
  if (trailer === undefined) return join([...framed, '\r\n']);
  const signature = next('AWS4-HMAC-SHA256-TRAILER', sha256(`${trailer}\n`));
  return join([...framed, `${trailer}\r\n`, `x-amz-trailer-signature:${signature}\r\n`, '\r\n']);
}

function join(pieces: readonly Chunk[]): Buffer {
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
}
