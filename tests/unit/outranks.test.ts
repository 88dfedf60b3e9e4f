import { expect, test } from 'vitest';
import { asKnown, outranks, type Finding } from '../../shared/migration/migration.ts';

const of = (verdict: Finding['verdict'], level: Finding['level'], key = 'k'): Finding => ({
  verdict,
  level,
  key,
  sha256: 's',
});

test.each<[string, boolean, Finding]>([
  ['not by a look that read nothing', true, of('verified', 'full')],
  ['not by finding it wrong by its checksum, too', true, of('differing', 'full')],
  ['not by trouble with the file here', true, of('unreadable', 'full')],
  ['not by a reading that could not be made', true, of('archived', 'read-back')],
  ['not by one that failed', true, of('unreadable', 'read-back')],
  ['by a reading', false, of('verified', 'read-back')],
  ['by its end', false, of('missing', 'head')],
  ['by another object in its place', false, of('verified', 'head', 'another')],
])('an object that was read and is wrong is cleared: %s', (_how, stays, found) => {
  expect(outranks(of('differing', 'read-back'), found)).toBe(stays);
});

test.each<[boolean, Finding]>([
  [true, of('missing', 'full')],
  [true, of('missing', 'head')],
  [true, of('differing', 'full')],
  [false, of('verified', 'full')],
])('a look that was refused clears nothing: %j for what is %j', (stays, known) => {
  for (const level of ['head', 'full'] as const)
    expect(outranks(known, of('denied', level))).toBe(stays);
});

test.each<[string, Finding, Finding]>([
  ['wrong again as soon as it is there', of('verified', 'full'), of('differing', 'read-back')],
  ['wrong where no checksum tells', of('unproven', 'full'), of('differing', 'read-back')],
  ['wrong in an archive', of('archived', 'read-back'), of('differing', 'read-back')],
  ['wrong without its file here', of('gone', 'full'), of('differing', 'read-back')],
  ['right once it was read', of('verified', 'read-back'), of('verified', 'read-back')],
  ['missing while it is', of('missing', 'head'), of('missing', 'head')],
  ['of no weight for another object', of('verified', 'head', 'b'), of('verified', 'head', 'b')],
])('an object that was read and is wrong, and then was missing, is %s', (_how, found, told) => {
  expect(asKnown({ ...of('missing', 'head'), wrongKey: 'k' }, found)).toEqual(told);
});
