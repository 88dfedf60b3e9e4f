/** @file What is said of closing the lid: what becomes of the recordings, and what to do. */
import { expect, test } from 'vitest';
import { safeToLeave, type Outstanding } from '../../shared/leave.ts';

const none: Outstanding = {
  counts: {},
  unseen: 0,
  notLooked: 0,
  unreadable: 0,
  notConnected: 0,
  refuted: 0,
  followed: 1,
};
const said = (some: Partial<Outstanding>, goesOn?: boolean) =>
  safeToLeave({ ...none, ...some }, goesOn).ifLeft;

test.each([
  ['sent', { counts: { uploading: 1 } }, /waits on it until it is open again\.$/],
  ['waiting', { counts: { queued: 3 } }, /waits on it until it is open again\.$/],
  ['looked for', { notLooked: 1 }, /waits on it until it is open again\.$/],
  [
    'still written',
    { unseen: 1 },
    /waits on it until it is open again\. Let a recording end first\.$/,
  ],
  ['checked', { counts: { verifying: 1 } }, /now, the check of what is stored waits until it is/],
  ['to be checked', { counts: { uploaded: 1 } }, /now, the check of what is stored waits until/],
  ['checked and sent', { counts: { verifying: 1, uploading: 1 } }, /now, what is not stored yet/],
  [
    'held',
    { counts: { held: 1 } },
    /^What needs you stays on this computer, and does not go up by itself\.$/,
  ],
  [
    'failed',
    { counts: { failed: 1 } },
    /^What needs you stays on this computer, and does not go up by itself\.$/,
  ],
  ['missing there', { refuted: 1 }, /^Keep your files of what is missing or changed/],
  ['unreadable', { unreadable: 1 }, /^What cannot be read is not copied: check/],
  ['away', { notConnected: 1 }, /is not copied: connect its disk or share again\.$/],
])('of what is %s', (_, some, words) => {
  expect(said(some)).toMatch(words);
});

test('while uploads stand nobody is told that they go on by themselves', () => {
  const waits = { counts: { queued: 1 } };
  expect(said(waits, false)).toMatch(/waits on it until uploads go on\.$/);
});

test('where nothing is left nothing is said', () => {
  expect(said({ counts: { verified: 2 } })).toBe('');
});

test('of several reasons the most pressing one says what to do', () => {
  const all = { counts: { queued: 1, held: 1 }, unreadable: 1, notConnected: 1 };
  expect(said(all)).toMatch(/^If you close this computer now, [^.]*\.$/);
  expect(said({ ...all, refuted: 1 })).toMatch(/^Keep your files of what is missing [^.]*\.$/);
});
