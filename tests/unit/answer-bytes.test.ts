import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../electron/engine/s3/answer-bytes.ts';

const lines = (...all: string[]) => Buffer.from(all.join('\r\n'), 'latin1');
const OK = 'HTTP/1.1 200 OK';

/** What ends where it says: whole with its last byte, and not with any before. */
const whole: Record<string, [bytes: Buffer, text: string, isHead?: boolean]> = {
  'a length': [lines(OK, 'ETag: "e"', 'Content-Length: 5', '', 'fine.'), 'fine.'],
  'no body': [lines(OK, 'ETag: "e"', 'content-length: 0', '', ''), ''],
  'a look, whose length is the object’s': [
    lines(OK, 'etag: "e"', 'content-length: 9', '', ''),
    '',
    true,
  ],
  'no content': [lines('HTTP/1.1 204 No Content', 'etag: "e"', '', ''), ''],
  'a status without words': [lines('HTTP/1.1 200', 'etag: "e"', 'content-length: 1', '', 'x'), 'x'],
  pieces: [
    lines(
      OK,
      'etag: "e"',
      'Transfer-Encoding: chunked',
      '',
      '3',
      'fin',
      '2;x="y"',
      'e.',
      '0',
      '',
      '',
    ),
    'fine.',
  ],
  'pieces with something behind them': [
    lines(
      OK,
      'etag: "e"',
      'transfer-encoding: Chunked',
      '',
      'A',
      '0123456789',
      '00',
      'x-late: 1',
      '',
      '',
    ),
    '0123456789',
  ],
  'interim answers before it': [
    lines(
      'HTTP/1.1 100 Continue',
      '',
      'HTTP/1.1 103 Early Hints',
      'link: x',
      '',
      OK,
      'etag: "e"',
      'content-length: 1',
      '',
      'x',
    ),
    'x',
  ],
};

describe('an answer that ends where it says', () => {
  test.each(Object.entries(whole))('%s', (_name, [bytes, text, isHead = false]) => {
    for (let length = 0; length < bytes.length; length += 1)
      expect(readAnswer(bytes.subarray(0, length), isHead, false)).toBeUndefined();
    expect(readAnswer(bytes, isHead, false)).toMatchObject({
      answer: { body: text, headers: { etag: '"e"' } },
      isKept: true,
    });
    const followed = Buffer.concat([bytes, Buffer.from('H')]);
    expect(readAnswer(followed, isHead, false)).toMatchObject({
      answer: { body: text },
      isKept: false,
    });
    const cut = bytes.subarray(0, -1);
    expect(readAnswer(cut, isHead, true)).toBeUndefined();
  });
});

test('an answer without a length ends with the connection, which is not used again', () => {
  const bytes = lines('HTTP/1.0 403 Forbidden', 'a: 1', 'A:  2 ', '', 'no');
  expect(readAnswer(bytes, false, false)).toBeUndefined();
  expect(readAnswer(bytes, false, true)).toEqual({
    answer: { status: 403, headers: { a: '1, 2' }, body: 'no' },
    isKept: false,
    keptSeconds: undefined,
  });
});

const kept = (first: string, ...more: string[]) =>
  readAnswer(lines(first, ...more, 'content-length: 0', '', ''), false, false);

test('a connection is kept as the storage says', () => {
  expect(kept(OK, 'Connection: keep-alive', 'Keep-Alive: timeout=5, max=9')).toMatchObject({
    isKept: true,
    keptSeconds: 5,
  });
  expect(kept(OK, 'Connection: Close')).toMatchObject({ isKept: false });
  expect(kept('HTTP/1.0 200 OK')).toMatchObject({ isKept: false });
});

test.each([
  ['another protocol', lines('SSH-2.0-OpenSSH')],
  ['another version', lines('HTTP/2 200 OK', '', '')],
  ['no status', lines('HTTP/1.1 OK', '', '')],
  ['a change of protocol', lines('HTTP/1.1 101 Switching Protocols', '', '')],
  ['a header without a name', lines(OK, ': x', '', '')],
  ['a header without a value', lines(OK, 'etag', '', '')],
  ['a header that goes on in the next line', lines(OK, 'etag: "e"', ' f: "g"', '', '')],
  ['a space before the colon', lines(OK, 'content-length : 5', '', 'fine.')],
  ['two lengths', lines(OK, 'content-length: 5', 'content-length: 6', '', 'fine.')],
  ['a length below nothing', lines(OK, 'content-length: -1', '', '')],
  [
    'a length and pieces',
    lines(OK, 'content-length: 5', 'transfer-encoding: chunked', '', '0', '', ''),
  ],
  ['pieces in another coding', lines(OK, 'transfer-encoding: gzip, chunked', '', '0', '', '')],
  ['a piece without a length', lines(OK, 'transfer-encoding: chunked', '', 'x', 'fine.')],
  [
    'a piece that is longer than it says',
    lines(OK, 'transfer-encoding: chunked', '', '3', 'fine.', '0'),
  ],
  ['a head that does not end', lines(OK, `x: ${'x'.repeat(20_000)}`)],
  ['a head that is too long', lines(OK, `x: ${'x'.repeat(20_000)}`, 'content-length: 0', '', '')],
  ['a body that does not end', lines(OK, 'content-length: 9999999', '', 'x'.repeat(2 ** 20))],
])('%s is no answer', (_name, bytes) => {
  expect(() => readAnswer(bytes, false, false)).toThrow(SyntaxError);
});
