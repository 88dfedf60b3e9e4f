import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import {
  checkId,
  destination,
  keyExtension,
  objectKeyFor,
  parseObjectKey,
  type Destination,
} from '../../shared/recording.ts';

const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';
const key =
  /^bad-id$|^(?:audio|documents|uploads)\/[A-Za-z0-9][A-Za-z0-9._-]{0,127}\/[0-9a-f-]{36}(?:\.[a-z0-9]{1,10})?$/;
const hostile = [
  '../x',
  'a/b',
  '',
  '.',
  '..',
  '-x',
  '_x',
  'a b',
  'a\\b',
  'a%2fb',
  'a\nb',
  'bio-101\n',
  'a\0b',
  'é',
  '\u202Ea',
  'x'.repeat(129),
  '=1+1',
  "'",
];

const destinations = (id: fc.Arbitrary<string>): fc.Arbitrary<Destination> =>
  fc
    .tuple(id, id, fc.constantFrom('audio', 'documents', 'uploads'))
    .map(([a, userId, kind]) =>
      kind === 'audio' ? { kind, classId: a, userId } : { kind, userId: a },
    );
const anyId = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc.constantFrom(...hostile),
);
const fileName = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^.*\.[A-Za-z0-9]{0,12}$/),
  fc.constantFrom('.mp3', 'a.MP3', 'x.tar.gz', 'a/../b.mp3', '..', 'x.mp3\n', 'x.mp3/'),
);

function keyOrRefusal(to: Destination, id: string, name: string): string {
  try {
    return objectKeyFor(to, id, name);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('an object key', () => {
  test('has one shape whatever the ids and the file name, or is refused', () => {
    fc.assert(
      fc.property(destinations(anyId), fc.uuid(), fileName, (to, id, name) => {
        expect(keyOrRefusal(to, id, name)).toMatch(key);
      }),
      { numRuns: 500 },
    );
  });

  test('tells its parts again', () => {
    const goodId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
    fc.assert(
      fc.property(destinations(goodId), fc.uuid(), fileName, (to, id, name) => {
        expect(parseObjectKey(objectKeyFor(to, id, name))).toEqual({
          kind: to.kind,
          ownerId: to.kind === 'audio' ? to.classId : to.userId,
          uuid: id,
          extension: keyExtension(name),
        });
      }),
    );
  });

  test('is exactly this', () => {
    const to = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;
    const names = [
      'Lecture.MP3',
      'archive.tar.gz',
      'no extension',
      '.hidden',
      'x.verylongextension',
    ];
    expect(names.map((name) => objectKeyFor(to, uuid, name))).toEqual([
      `audio/bio-101/${uuid}.mp3`,
      `audio/bio-101/${uuid}.gz`,
      `audio/bio-101/${uuid}`,
      `audio/bio-101/${uuid}`,
      `audio/bio-101/${uuid}`,
    ]);
    expect(objectKeyFor({ kind: 'documents', userId: 'u1' }, uuid, 'a.pdf')).toBe(
      `documents/u1/${uuid}.pdf`,
    );
    expect(objectKeyFor({ kind: 'uploads', userId: 'u1' }, uuid, 'a.zip')).toBe(
      `uploads/u1/${uuid}.zip`,
    );
  });

  test.each(hostile)('is never built from the id %j', (id) => {
    const refused = expect.objectContaining({ code: 'bad-id' });
    expect(() => checkId(id)).toThrow(refused);
    expect(() => objectKeyFor({ kind: 'audio', classId: id, userId: 'u' }, uuid, 'a.mp3')).toThrow(
      refused,
    );
    expect(destination.safeParse({ kind: 'uploads', userId: id }).success).toBe(false);
  });

  test('of another program is not taken for ours', () => {
    const foreign = [
      'audio/bio-101/lecture.mp3',
      `audio/bio-101/x/${uuid}.mp3`,
      `audio/../${uuid}.mp3`,
      `video/bio-101/${uuid}.mp3`,
      `audio/bio-101/${uuid.toUpperCase()}.mp3`,
      `audio/bio-101/${uuid}.mp3\n`,
      `/audio/bio-101/${uuid}.mp3`,
      '',
    ];
    expect(foreign.map(parseObjectKey)).toEqual(foreign.map(() => undefined));
  });
});
