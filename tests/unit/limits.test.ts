import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contradiction } from '../../electron/engine/container/sort.ts';
import { selectorFor } from '../../electron/engine/watch/selector.ts';
import { folderRule } from '../../electron/engine/store/folders.ts';
import { formatBytes, parseBytes } from '../../shared/format.ts';
import { breach } from '../../shared/limits.ts';

describe('what a folder takes', () => {
  const limits = { types: ['mp3', 'wav'], minBytes: 1_000, maxBytes: 2_000_000_000 };
  const of = (name: string, sizeBytes: number) => breach(limits, { name, sizeBytes });

  test('is told with what the file is and what would do', () => {
    expect(of('a.MP3', 1_000)).toBeUndefined();
    expect(of('a.wav', 2_000_000_000)).toBeUndefined();
    expect(of('a.mkv', 5_000)).toEqual({
      reason: 'not-taken',
      detail: 'mkv; its folder takes mp3, wav',
    });
    expect(of('lecture', 5_000)?.detail).toBe('No ending; its folder takes mp3, wav');
    expect(of('a.mp3', 4_200_000_000)).toEqual({
      reason: 'over-limit',
      detail: '4.2 GB; its folder takes 2 GB at most',
    });
    expect(of('a.mp3', 40)).toEqual({
      reason: 'under-limit',
      detail: '40 bytes; its folder takes 1 kB at least',
    });
  });

  test('is told exactly where both sizes would read the same', () => {
    expect(of('a.mp3', 2_000_000_001)?.detail).toBe(
      '2,000,000,001 bytes; its folder takes 2,000,000,000 bytes at most',
    );
  });

  test('is everything when nobody says otherwise', () => {
    expect(breach({}, { name: 'x', sizeBytes: 1 })).toBeUndefined();
    expect(breach({ types: [] }, { name: 'x.mkv', sizeBytes: 1 })).toBeUndefined();
  });

  test('never leaves a recording out unseen: of another type it is taken in, to be held', () => {
    const rule = folderRule.parse({
      kind: 'audio',
      userId: 'u',
      types: ['.MP3', 'pdf'],
    });
    expect(rule.types).toEqual(['mp3', 'pdf']);
    const select = selectorFor(rule);
    expect(['a.mp3', 'a.mkv', 'slides.pdf', 'notes.txt'].map(select)).toEqual([
      undefined,
      undefined,
      undefined,
      'not a recording',
    ]);
    const documents = selectorFor(
      folderRule.parse({ kind: 'documents', userId: 'u', types: ['pdf'] }),
    );
    expect(['a.pdf', 'a.mkv', 'notes.txt'].map(documents)).toEqual([
      undefined,
      undefined,
      'not a type that this folder takes (pdf)',
    ]);
  });
});

test('a size is read as it is written', () => {
  expect(['2GB', '2 gb', '500 kB', '1.5m', '7', '12 bytes', '1 byte'].map(parseBytes)).toEqual([
    2e9, 2e9, 500_000, 1_500_000, 7, 12, 1,
  ]);
  for (const text of ['', 'x', '2 GiB', '-1', '1e9', '2 GB more', '9'.repeat(16)])
    expect(parseBytes(text)).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(999), fc.constantFrom(1, 1e3, 1e6, 1e9, 1e12), (n, unit) => {
      expect(parseBytes(formatBytes(n * unit))).toBe(n * unit);
    }),
  );
});

const html = Buffer.from('\n <!DOCTYPE html><html><body>Sign in</body></html>');
const exe = Buffer.from('4d5a90000300000004000000ffff0000b800000000000000', 'hex');
const program = Buffer.concat([exe, Buffer.alloc(100)]);
const said = (name: string, head: Buffer | string, types?: string[]) =>
  contradiction(name, Buffer.from(head), types && { types })?.detail;

describe('the first bytes', () => {
  test.each([
    ['a program for Windows', program],
    ['a program for Linux', Buffer.from('\x7fELF\x02\x01\x01', 'latin1')],
    ['a program', Buffer.from('cffaedfe0c000001', 'hex')],
    ['a script', '#!/bin/sh\nrm -rf /'],
    ['a web page', html],
    ['a web page', '\ufeff<html lang="en">'],
    ['a text for programs', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
    ['a text for programs', '{"error": {"message": "token expired"}}'],
    ['a PDF document', '%PDF-1.7\n'],
    ['a ZIP archive or an Office document', 'PK\x03\x04rest'],
    ['an archive', Buffer.from('1f8b0800', 'hex')],
    ['an Office document', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
    ['a picture', Buffer.from('ffd8ffe000104a464946', 'hex')],
  ])('of %s under the name of a recording are told', (what, head) => {
    for (const name of ['lecture.mp4', 'Vorlesung.MP3', 'a.wav', 'stream.ts'])
      expect(said(name, head)).toMatch(new RegExp(`^It begins like ${what}; its name says \\.`));
  });

  test('of a program or a web page are told under the name of a document, too', () => {
    for (const name of ['report.pdf', 'picture.png', 'letter.docx', 'notes.txt'])
      expect(said(name, program)).toMatch(/^It begins like a program/);
    expect(said('report.pdf', html)).toBe('It begins like a web page; its name says .pdf');
  });

  test('say nothing against a file that is what its name says, or whose name says nothing', () => {
    for (const [name, head] of [
      ['setup.exe', program],
      ['page.html', html],
      ['notes.txt', html],
      ['letter.docx', 'PK\x03\x04'],
      ['table.xls', html],
      ['feed.xml', '<?xml version="1.0"?>'],
      ['run.sh', '#!/bin/sh'],
      ['something', program],
      ['clip.mjpeg', Buffer.from('ffd8ffe0', 'hex')],
    ] as const)
      expect(said(name, head)).toBeUndefined();
  });

  test.each([
    ['sound of phones', '#!AMR\n'],
    ['a recording under another recording’s ending', Buffer.from('1a45dfa3', 'hex')],
    ['two letters of a program', 'MZ and then noise'],
    ['nothing that is known', 'a talk, as text'],
    ['nothing', ''],
  ])('of %s are no reason to keep a recording', (_, head) => {
    expect(said('lecture.mp4', head)).toBeUndefined();
  });

  test('of noise are next to never taken for anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 1_024 }), (bytes) => {
        expect(said('lecture.mp3', Buffer.from(bytes))).toBeUndefined();
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  test('of another recording are told where a folder takes some types only, unless it takes that one, too', () => {
    const matroska = Buffer.from('1a45dfa3', 'hex');
    expect(said('a.mp3', matroska, ['mp3'])).toBe(
      'It begins like Matroska or WebM; its name says .mp3',
    );
    expect(said('a.mp3', matroska, ['mp3', 'webm'])).toBeUndefined();
    expect(said('a.mkv', matroska, ['mkv'])).toBeUndefined();
    expect(said('a.m4a', Buffer.from('0000001866747970', 'hex'), ['m4a'])).toBeUndefined();
  });
});
