import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { localName } from '../../electron/engine/library/download.ts';
import type { ObjectInfo } from '../../electron/engine/s3/remote.ts';

const nameFor = (fileName: string | undefined, key = 'audio/bio-101/u.mp3') =>
  localName({
    key,
    metadata: fileName === undefined ? {} : { original_filename: fileName },
  } as unknown as ObjectInfo); // Nothing else is read.

test.each([
  ['week 1.mp3', 'week 1.mp3'],
  [undefined, 'u.mp3'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['C:\\x\\a.mp3', 'a.mp3'],
  ['a:b?.mp3', 'a_b_.mp3'],
  ['.bashrc', 'bashrc'],
  ['a.mp3. . ', 'a.mp3'],
  ['CON', '_CON'],
  ['nul.mp3', '_nul.mp3'],
  ['a\u202E3pm.exe', 'a_3pm.exe'],
  ['a\r\nb\0.mp3', 'a__b_.mp3'],
  ['..', '_'],
  ['', '_'],
  ['x/', '_'],
])('an object that was %j is saved as %j', (fileName, expected) => {
  expect(nameFor(fileName)).toBe(expected);
});

test.each([
  [`${'a'.repeat(300)}.mp3`, `${'a'.repeat(196)}.mp3`],
  [`${'漢'.repeat(100)}.mp3`, `${'漢'.repeat(65)}.mp3`], // 3 bytes each: one more would be 202.
  [`${'🎓'.repeat(60)}.m4a`, `${'🎓'.repeat(49)}.m4a`],
  ['漢'.repeat(100), '漢'.repeat(66)],
  [`${'a'.repeat(195)}. . . .${'b'.repeat(50)}`, 'a'.repeat(195)], // Nothing so long is an extension.
  [`a.${'b'.repeat(300)}`, `a.${'b'.repeat(198)}`],
  [`con.${'b'.repeat(300)}`, `_con.${'b'.repeat(195)}`],
])('a name too long for a file system loses the end of its stem (%#)', (fileName, expected) => {
  expect(nameFor(fileName)).toBe(expected);
});

test('no name at all leads out of the folder, hides the file, or is one that a file system refuses', () => {
  const fragment = fc.constantFrom(
    '..',
    '/',
    '\\',
    '.',
    ' ',
    'CON',
    'a',
    '\0',
    ':',
    '\u202E',
    '漢',
  );
  const text = fc.oneof(
    fc.string({ unit: fc.integer({ min: 0, max: 0x2fff }).map((c) => String.fromCharCode(c)) }),
    fc.array(fragment, { maxLength: 300 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (fileName) => {
      const name = nameFor(fileName);
      expect(name).toMatch(/^[^./\\<>:"|?*\p{Cc}][^/\\<>:"|?*\p{Cc}]{0,200}$/u);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
      expect(name).not.toMatch(/[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i);
    }),
    { numRuns: 500 },
  );
});
