/** @file Object metadata: the seed's five values and ours, as S3 headers can carry them. */
import type { Destination } from './recording.ts';

export type ObjectMetadata = Readonly<Record<string, string>>;

/** The seed's names, then ours. */
const metadataNames = new Set([
  'user_id',
  'class_id',
  'original_filename',
  'content_type',
  'upload_timestamp',
  'sha256',
  'recorded_at',
  'upload_token',
  'client_version',
]);

/** Metadata as a storage answered it, decoded. Swift gives back `user-id` for `user_id` on multipart objects. */
export function readMetadata(answered: ObjectMetadata): ObjectMetadata {
  return Object.fromEntries(
    Object.entries(answered).map(([name, value]) => {
      const ours = name.replaceAll('-', '_');
      return [metadataNames.has(ours) ? ours : name, decodeValue(value)];
    }),
  );
}

export type RecordingFacts = Readonly<{
  to: Destination;
  fileName: string;
  contentType: string;
  sha256: string;
  recordedAtMs: number;
  uploadToken: string;
  clientVersion: string;
}>;

/**
 * The metadata of one upload, each value encoded for an HTTP header.
 *
 * @param nowMs Unix milliseconds, becomes `upload_timestamp`.
 */
export function objectMetadata(facts: RecordingFacts, nowMs: number): ObjectMetadata {
  const values: Record<string, string> = {
    user_id: facts.to.userId,
    ...(facts.to.kind === 'audio' ? { class_id: facts.to.classId } : {}),
    original_filename: facts.fileName,
    content_type: facts.contentType,
    upload_timestamp: new Date(nowMs).toISOString(),
    sha256: facts.sha256,
    recorded_at: new Date(facts.recordedAtMs).toISOString(),
    upload_token: facts.uploadToken,
    client_version: facts.clientVersion,
  };
  for (const name in values) values[name] = encodeValue(values[name]!);
  return values;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** RFC 2047, 2: an encoded-word is at most 75 characters, of which `=?UTF-8?B?` and `?=` take 12. */
const MAX_WORD_BYTES = 45;

/**
 * Plain printable ASCII as it is; anything else as RFC 2047 encoded-words in NFC, which is S3's own
 * convention. Values that HTTP would change (spaces at the ends) or that look encoded are encoded too,
 * so that `decodeValue` always gives back what went in.
 */
export function encodeValue(value: string): string {
  const text = value.normalize('NFC');
  if (/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(text) && !text.includes('=?'))
    return text;
  const words: string[] = [];
  let word: number[] = [];
  for (const character of text) {
    const bytes = utf8(character);
    if (word.length + bytes.length > MAX_WORD_BYTES) {
      words.push(encodedWord(word));
      word = [];
    }
    word.push(...bytes);
  }
  words.push(encodedWord(word));
  return words.join(' ');
}

/** The inverse of `encodeValue`; also reads the Q encoding, in which S3 itself answers. Unreadable words stay as they are. */
export function decodeValue(value: string): string {
  // Space between two encoded-words is folding, not text (RFC 2047, 6.2).
  const unfolded = value.replaceAll(/(\?=)\s+(?==\?)/g, '$1');
  let pending: number[] = [];
  let text = '';
  const flush = () => {
    text += fromUtf8(pending);
    pending = [];
  };
  let at = 0;
  for (const match of unfolded.matchAll(/=\?utf-8\?([bq])\?([^?\s]*)\?=/gi)) {
    const [whole, encoding = '', content = ''] = match;
    if (match.index > at) flush();
    text += unfolded.slice(at, match.index);
    pending.push(...(encoding.toLowerCase() === 'b' ? fromBase64(content) : fromQ(content)));
    at = match.index + whole.length;
  }
  flush();
  return text + unfolded.slice(at);
}

function encodedWord(bytes: readonly number[]): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.slice(i, i + 3);
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out += BASE64[bits >> 18]! + BASE64[(bits >> 12) & 63]!;
    out += b === undefined ? '=' : BASE64[(bits >> 6) & 63]!;
    out += c === undefined ? '=' : BASE64[bits & 63]!;
  }
  return `=?UTF-8?B?${out}?=`;
}

function fromBase64(text: string): number[] {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const character of text.replace(/=+$/, '')) {
    bits = ((bits << 6) | Math.max(0, BASE64.indexOf(character))) & 0xffffff;
    count += 6;
    if (count >= 8) bytes.push((bits >> (count -= 8)) & 255);
  }
  return bytes;
}

function fromQ(text: string): number[] {
  return [...text.replaceAll('_', ' ').matchAll(/=([0-9A-Fa-f]{2})|([^])/g)].flatMap(
    ([, hex, plain]) => (hex === undefined ? utf8(plain ?? '') : [parseInt(hex, 16)]),
  );
}

/** `TextEncoder` is not part of the language, and this folder has the language alone. */
function utf8(text: string): number[] {
  const wellFormed = text.replaceAll(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  );
  return [...encodeURIComponent(wellFormed).matchAll(/%([0-9A-F]{2})|([^])/g)].map(
    ([, hex, plain]) => (hex === undefined ? plain!.charCodeAt(0) : parseInt(hex, 16)),
  );
}

function fromUtf8(bytes: readonly number[]): string {
  const escaped = bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return String.fromCharCode(...bytes); // Not UTF-8 although it said so: Latin-1 shows at least something.
  }
}
