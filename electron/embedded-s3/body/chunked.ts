/** @file Takes the frames of aws-chunked away and checks every one, its signature included. */
import { createHash } from 'node:crypto';
import {
  EMPTY_SHA256,
  hmac,
  isSameSignature,
  sha256Hex,
  stringToSign,
  type Signer,
} from '../auth/signature.ts';
import { S3Error } from '../errors.ts';

const MAX_LINE_BYTES = 256;
const MAX_TRAILER_BYTES = 4096;
const MIN_CHUNK_BYTES = 8192;
const CRLF = Buffer.from('\r\n');

interface ChunkedOptions {
  /** Absent when the chunks are not signed. */
  readonly signer: Signer | undefined;
  /** Called once with the trailer's headers, lower case, after the last chunk. */
  readonly onTrailer: ((headers: ReadonlyMap<string, string>) => void) | undefined;
}

/**
 * The content inside `source`, piece by piece. The pieces of a chunk come before its signature is
 * checked, so keep nothing until the end.
 *
 * @throws S3Error `IncompleteBody`, `InvalidChunkSizeError`, `SignatureDoesNotMatch` or
 *   `MalformedTrailerError`.
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  options: ChunkedOptions,
): AsyncGenerator<Buffer> {
  const reader = frameReader(source);
  const signatures = options.signer && chunkSignatures(options.signer);
  let lastSize = MIN_CHUNK_BYTES;
  for (;;) {
    const { size, signature } = parseChunkHead(await reader.line(MAX_LINE_BYTES));
    if (size > 0 && lastSize < MIN_CHUNK_BYTES) throw new S3Error('InvalidChunkSizeError');
    lastSize = size;
    const hash = createHash('sha256');
    for (let rest = size; rest > 0;) {
      const piece = await reader.upTo(rest);
      rest -= piece.length;
      if (signatures) hash.update(piece);
      yield piece;
    }
    signatures?.check(signature, hash.digest('hex'));
    if (size === 0) break;
    if ((await reader.line(0)) !== '') throw new S3Error('IncompleteBody');
  }
  const ending = await reader.rest(MAX_TRAILER_BYTES);
  if (!options.onTrailer) {
    if (ending !== '\r\n') throw new S3Error('IncompleteBody');
    return;
  }
  options.onTrailer(parseTrailer(ending, signatures));
}

function parseChunkHead(line: string): { size: number; signature: string | undefined } {
  const [, size, signature] =
    /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/u.exec(line) ?? [];
  if (size === undefined) throw new S3Error('IncompleteBody', 'A chunk has no valid size.');
  return { size: Number.parseInt(size, 16), signature };
}

function parseTrailer(
  text: string,
  signatures: ReturnType<typeof chunkSignatures> | undefined,
): Map<string, string> {
  if (!text.endsWith('\r\n')) throw new S3Error('MalformedTrailerError');
  const headers = new Map<string, string>();
  const signedLines: string[] = [];
  for (const line of text.split(/\r?\n/u).filter((candidate) => candidate !== '')) {
    const [, name, value] = /^([\w-]+):[ \t]*(.*?)[ \t]*$/u.exec(line) ?? [];
    if (name === undefined || value === undefined || headers.has(name.toLowerCase())) {
      throw new S3Error('MalformedTrailerError');
    }
    headers.set(name.toLowerCase(), value);
    if (name.toLowerCase() !== 'x-amz-trailer-signature') {
      signedLines.push(`${name.toLowerCase()}:${value}\n`);
    }
  }
  signatures?.checkTrailer(headers.get('x-amz-trailer-signature'), sha256Hex(signedLines.join('')));
  return headers;
}

/** Each signature covers the one before it, so chunks can be neither changed, moved nor left out. */
function chunkSignatures(signer: Signer) {
  const { key, scope, dateTime } = signer;
  let previous = signer.seedSignature;
  const check = (given: string | undefined, text: string): void => {
    const expected = hmac(key, text);
    if (given === undefined || !isSameSignature(expected, given)) {
      throw new S3Error('SignatureDoesNotMatch');
    }
    previous = given;
  };
  return {
    check: (given: string | undefined, dataHash: string) => {
      const kind = 'AWS4-HMAC-SHA256-PAYLOAD';
      check(given, stringToSign(kind, dateTime, scope, previous, EMPTY_SHA256, dataHash));
    },
    checkTrailer: (given: string | undefined, trailerHash: string) => {
      const kind = 'AWS4-HMAC-SHA256-TRAILER';
      check(given, stringToSign(kind, dateTime, scope, previous, trailerHash));
    },
  };
}

/** Lines and pieces out of a stream of buffers, without copying the pieces. */
function frameReader(source: AsyncIterable<Buffer>) {
  const iterator = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  /** @returns False at the end of the stream. */
  const more = async (): Promise<boolean> => {
    const next = await iterator.next();
    if (next.done === true) return false;
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
    return true;
  };
  return {
    /** The text before the next CRLF, which may be at most `maxBytes` long. */
    line: async (maxBytes: number): Promise<string> => {
      for (;;) {
        const end = held.subarray(0, maxBytes + CRLF.length).indexOf(CRLF);
        if (end !== -1) {
          const line = held.toString('latin1', 0, end);
          held = held.subarray(end + CRLF.length);
          return line;
        }
        if (held.length >= maxBytes + CRLF.length || !(await more())) {
          throw new S3Error('IncompleteBody');
        }
      }
    },
    /** From 1 to `maxBytes` bytes. */
    upTo: async (maxBytes: number): Promise<Buffer> => {
      if (held.length === 0 && !(await more())) throw new S3Error('IncompleteBody');
      const piece = held.subarray(0, maxBytes);
      held = held.subarray(piece.length);
      return piece;
    },
    /** Everything to the end of the stream. */
    rest: async (maxBytes: number): Promise<string> => {
      while (held.length <= maxBytes && (await more()));
      if (held.length > maxBytes) throw new S3Error('MalformedTrailerError');
      return held.toString('latin1');
    },
  };
}
