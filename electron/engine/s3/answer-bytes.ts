/** @file An HTTP/1.1 answer as it came over the wire (RFC 9112): its length is what must never be guessed. */
import type { Answer } from './light-http.ts';

/** Node's own limit. */
const MAX_HEAD_BYTES = 16 * 1024;
/** Of all of it: what is read here is an error's words at most. */
const MAX_BYTES = 1024 * 1024;

type ReadAnswer = Readonly<{
  answer: Answer;
  /** Another request may go over the same connection: it ends where it says, and nothing came after it. */
  isKept: boolean;
  /** For how long, where the storage says so. */
  keptSeconds: number | undefined;
}>;

/** No storage writes so: see `toStorageError`. */
class UnreadableAnswer extends SyntaxError {}

/**
 * @param bytes  All that came since the request.
 * @param isOver Nothing comes any more.
 * @returns `undefined` while it is not whole.
 * @throws SyntaxError for what is no answer.
 */
export function readAnswer(
  bytes: Buffer,
  isHead: boolean,
  isOver: boolean,
): ReadAnswer | undefined {
  if (bytes.length > MAX_BYTES) throw new UnreadableAnswer('The answer does not end');
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1 || end > MAX_HEAD_BYTES) {
    if (!mayBegin(bytes) || bytes.length > MAX_HEAD_BYTES) throw new UnreadableAnswer('No answer');
    return undefined;
  }
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [, version, digits] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? [];
  const status = Number(digits);
  if (Number.isNaN(status) || status === 101) throw new UnreadableAnswer('No answer of HTTP/1.1');
  const rest = bytes.subarray(end + 4);
  // Interim ones say nothing that is waited for.
  if (status < 200) return readAnswer(rest, isHead, isOver);
  const headers = headersIn(lines);
  const body = bodyIn(rest, headers, isHead || status === 204 || status === 304);
  const isToEnd = body === 'to the end';
  if (body === undefined || (isToEnd && !isOver)) return undefined;
  const { text, bytes: length } = isToEnd ? { text: rest.toString(), bytes: rest.length } : body;
  const isClosed = /\bclose\b/i.test(headers['connection'] ?? '');
  const seconds = /\btimeout=(\d+)/i.exec(headers['keep-alive'] ?? '')?.[1];
  return {
    answer: { status, headers, body: text },
    isKept: version === '1' && !isToEnd && !isClosed && length === rest.length,
    keptSeconds: seconds === undefined ? undefined : Number(seconds),
  };
}

const mayBegin = (bytes: Buffer): boolean => 'HTTP/1.'.startsWith(bytes.toString('latin1', 0, 7));

function headersIn(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, Math.max(0, at)).toLowerCase();
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new UnreadableAnswer('No header');
    const value = line.slice(at + 1).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

type Body = Readonly<{ text: string; bytes: number }>;

/** How far the body reaches (RFC 9112, 6.3). @returns `undefined` while it is not whole. */
function bodyIn(
  rest: Buffer,
  headers: Readonly<Record<string, string>>,
  isEmpty: boolean,
): Body | 'to the end' | undefined {
  if (isEmpty) return { text: '', bytes: 0 };
  const coding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (coding !== undefined) {
    // Both at once is how one answer is smuggled into another.
    if (coding.toLowerCase() !== 'chunked' || length !== undefined)
      throw new UnreadableAnswer('A body of unknown length');
    return chunksIn(rest);
  }
  if (length === undefined) return 'to the end';
  if (!/^\d{1,15}$/.test(length)) throw new UnreadableAnswer('A body of unknown length');
  const bytes = Number(length);
  return rest.length < bytes ? undefined : { text: rest.toString('utf8', 0, bytes), bytes };
}

function chunksIn(rest: Buffer): Body | undefined {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = /^([\dA-Fa-f]{1,8})[ \t]*(?:;|$)/.exec(rest.toString('latin1', at, lineEnd))?.[1];
    if (size === undefined) throw new UnreadableAnswer('A piece of unknown length');
    const from = lineEnd + 2;
    const to = from + Number.parseInt(size, 16);
    if (to === from) {
      // What may stand behind the last piece ends with an empty line.
      const isPlain = rest.toString('latin1', from, from + 2) === '\r\n';
      const end = isPlain ? from + 2 : rest.indexOf('\r\n\r\n', from) + 4;
      if (end === 3) return undefined;
      return { text: Buffer.concat(pieces).toString(), bytes: end };
    }
    if (rest.length < to + 2) return undefined;
    if (rest.toString('latin1', to, to + 2) !== '\r\n')
      throw new UnreadableAnswer('A piece without end');
    pieces.push(rest.subarray(from, to));
    at = to + 2;
  }
}
