import { describe, expect, test } from 'vitest';
import { selectorFor } from '../../electron/engine/watch/selector.ts';
import { folderRule } from '../../electron/engine/store/folders.ts';

const audio = { kind: 'audio', classId: 'bio-101', userId: 'u' } as const;
const select = (path: string, more: { include?: string[]; exclude?: string[] } = {}) =>
  selectorFor(folderRule.parse({ ...audio, ...more }))(path);

test('an empty pattern says nothing', () => {
  expect(select('a.mp3', { include: [''], exclude: [''] })).toBeUndefined();
  expect(select('a.mp3', { include: ['', '*.wav'] })).toBe(
    'not included by this folder’s rule (*.wav)',
  );
});

describe('of a class folder', () => {
  test.each(
    (
      'a.mp3 a.MP3 week-2/a.wav a.m4a a.mp4 a.mkv a.webm a.flac a.ogg a.mov a.aac a.ts deep/er/ä.opus ' +
      'a.MXF a.dv a.ac3 a.w64 a.awb a.dss a.ds2 a.amr a.caf a.mts a.m2ts a.mpg a.mpeg a.vob a.3gp a.oga a.weba ' +
      'a.aiff a.aif a.wma a.wmv a.flv a.f4v a.mod a.tod a.braw a.r3d'
    ).split(' '),
  )('%s is a recording', (path) => {
    expect(select(path)).toBeUndefined();
  });

  test.each([
    'notes.txt',
    'a.pdf',
    'a.jpg',
    'playlist.m3u',
    'a.m3u8',
    'a.pls',
    'no extension',
    'mp3',
  ])('%s is not a recording', (path) => {
    expect(select(path)).toBe('not a recording');
  });

  test.each(
    (
      '~$a.mp3 a.mp3~ a.mp4.part a.mp4.PARTIAL a.crdownload ' +
      'a.download a.tmp a.temp a.mp3.filepart a.opdownload a.aria2 a.!ut'
    ).split(' '),
  )('%s is half-written', (path) => {
    expect(select(path)).toBe('a temporary name');
  });

  test.each(['.hidden.mp3', 'week/.hidden.mp3', '._a.mp3'])('%s is hidden', (path) => {
    expect(select(path)).toBe('a hidden name');
  });
});

test.each([
  '.Trash-1000/files/a.mp3',
  '.Trashes/501/a.mp3',
  '$RECYCLE.BIN/S-1-5-21/$RA1B2C3.mp4',
  'week-2/.thumbnails/a.mp4',
  '.cache/double_click_to_convert_01.zoom',
])('%s was put there by a program, whatever the rule includes', (path) => {
  expect(select(path, { include: ['**'] })).toBe('in a hidden folder');
  expect(select(path)).toBe('in a hidden folder');
});

const excluded = (pattern: string) => `excluded by this folder’s rule (${pattern})`;

describe('a folder’s rule', () => {
  test('takes only what it includes, whatever the case', () => {
    const rule = { include: ['lectures/**/*.mp3', '*.txt'] };
    expect(
      ['lectures/a.mp3', 'Lectures/B/c.MP3', 'notes.txt', 'other/a.mp3'].map((p) =>
        select(p, rule),
      ),
    ).toEqual([
      undefined,
      undefined,
      undefined,
      'not included by this folder’s rule (lectures/**/*.mp3, *.txt)',
    ]);
  });

  test('excludes before it includes, and never includes half-written files', () => {
    const rule = { include: ['**'], exclude: ['drafts/**', '*-TEST.mp3'] };
    expect(
      ['a.mp3', 'drafts/a.mp3', 'a-test.mp3', 'a.mp3.part'].map((path) => select(path, rule)),
    ).toEqual([undefined, excluded('drafts/**'), excluded('*-TEST.mp3'), 'a temporary name']);
  });

  test.each([
    ['NFC', 'NFD'],
    ['NFD', 'NFC'],
  ])('typed in %s fits names that a disk has in %s', (typed, onDisk) => {
    const rule = { include: ['*é*'.normalize(typed)], exclude: ['Privé/**'.normalize(typed)] };
    const paths = ['Café.mp3', 'Privé/a.mp3'].map((path) => path.normalize(onDisk));
    expect(paths.map((path) => select(path, rule))).toEqual([
      undefined,
      excluded('Privé/**'.normalize(typed)),
    ]);
  });

  test('of documents takes every kind of file', () => {
    const rule = folderRule.parse({ kind: 'documents', userId: 'u' });
    expect(['a.pdf', 'a', 'x/notes.txt'].map(selectorFor(rule))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('names its class and user only with ids that cannot change a key', () => {
    for (const id of ['../x', 'a/b', '', '.'])
      expect(folderRule.safeParse({ ...audio, classId: id }).success).toBe(false);
  });
});
