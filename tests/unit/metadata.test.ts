import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeValue,
  encodeValue,
  objectMetadata,
  readMetadata,
  type RecordingFacts,
} from '../../shared/metadata.ts';

/** Half a surrogate pair is no text: it becomes U+FFFD, as everywhere. */
const wellFormed = (text: string) => Buffer.from(text).toString();

const facts: RecordingFacts = {
  to: { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' },
  fileName: 'week 1.mp3',
  contentType: 'audio/mpeg',
  sha256: 'a'.repeat(64),
  recordedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  uploadToken: '6d9f6b1e-6c1d-4a43-8d2f-1c1a5b0d8a11',
  clientVersion: '1.2.3',
};

describe('a metadata value', () => {
  test('of any text at all comes back as it was, in NFC', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      // Code units, so that surrogates without a partner come too.
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(anything, (text) => {
        expect(decodeValue(encodeValue(text))).toBe(wellFormed(text.normalize('NFC')));
      }),
      { numRuns: 150 },
    );
  });

  test('is printable ASCII on the wire, without spaces at its ends, in words of at most 75 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const value = encodeValue(text);
        expect(value).toMatch(/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/);
        const words = value === text.normalize('NFC') ? [] : value.split(' ');
        for (const word of words) {
          expect(word).toMatch(/^=\?UTF-8\?B\?[A-Za-z0-9+/]+={0,2}\?=$/);
          expect(word.length).toBeLessThanOrEqual(75);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('stays readable when it is plain, and is encoded when HTTP or a reader would change it', () => {
    const cases = {
      'week 1.mp3': 'week 1.mp3',
      '': '',
      é: '=?UTF-8?B?w6k=?=',
      'e\u0301': '=?UTF-8?B?w6k=?=',
      ' x': '=?UTF-8?B?IHg=?=',
      'x ': '=?UTF-8?B?eCA=?=',
      'a\r\nb': '=?UTF-8?B?YQ0KYg==?=',
      '=?UTF-8?B?w6k=?=': '=?UTF-8?B?PT9VVEYtOD9CP3c2az0/PQ==?=',
    };
    expect(Object.fromEntries(Object.keys(cases).map((text) => [text, encodeValue(text)]))).toEqual(
      cases,
    );
  });

  test('is read in the forms in which S3 and others answer', () => {
    const cases = {
      '=?UTF-8?Q?caf=C3=A9_du_coin?=': 'café du coin',
      '=?utf-8?q?a?= =?utf-8?b?Yg==?=': 'ab',
      '=?UTF-8?B?w6k=?= and more': 'é and more',
      // A character may be cut in two by a storage that folds long words.
      '=?UTF-8?Q?=C3?= =?UTF-8?Q?=A9?=': 'é',
      '=?ISO-8859-1?Q?=E9?=': '=?ISO-8859-1?Q?=E9?=',
      '=?UTF-8?Q?=E9?=': 'é',
      '100 % =? sure': '100 % =? sure',
    };
    expect(Object.fromEntries(Object.keys(cases).map((text) => [text, decodeValue(text)]))).toEqual(
      cases,
    );
  });
});

describe('the metadata of an object', () => {
  test('is the backend’s five values and ours, for a class recording', () => {
    expect(objectMetadata(facts, Date.UTC(2026, 1, 3))).toEqual({
      user_id: 'teacher-7',
      class_id: 'bio-101',
      original_filename: 'week 1.mp3',
      content_type: 'audio/mpeg',
      upload_timestamp: '2026-02-03T00:00:00.000Z',
      sha256: 'a'.repeat(64),
      recorded_at: '2026-01-02T03:04:05.006Z',
      upload_token: '6d9f6b1e-6c1d-4a43-8d2f-1c1a5b0d8a11',
      client_version: '1.2.3',
    });
  });

  test('names no class for a document or another upload', () => {
    for (const kind of ['documents', 'uploads'] as const)
      expect(objectMetadata({ ...facts, to: { kind, userId: 'u' } }, 0)).not.toHaveProperty(
        'class_id',
      );
  });

  /** Bytes of names and values together (S3 user guide, "Working with object metadata"). */
  const MOST_BYTES = 2_048;

  test('fits into what S3 takes even with the longest ids and the longest file name', () => {
    const id = 'x'.repeat(128);
    // 255 bytes is the longest name of common file systems; U+0958 triples in NFC.
    for (const fileName of ['x'.repeat(255), '漢'.repeat(85), '\u0958'.repeat(85)]) {
      const all = objectMetadata(
        { ...facts, to: { kind: 'audio', classId: id, userId: id }, fileName },
        0,
      );
      const bytes = Object.entries(all).reduce(
        (sum, [name, value]) => sum + name.length + value.length,
        0,
      );
      expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    }
  });

  test('is understood with the dashes that Swift answers, and leaves others’ names alone', () => {
    expect(
      readMetadata({
        'user-id': 'teacher-7',
        original_filename: '=?UTF-8?B?w6k=?=',
        'their-own': '=?UTF-8?Q?=C3=A9?=',
      }),
    ).toEqual({ user_id: 'teacher-7', original_filename: 'é', 'their-own': 'é' });
  });
});
