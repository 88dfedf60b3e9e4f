import { describe, expect, test } from 'vitest';
import { linkExpiry, lostLinksText } from '../../shared/link.ts';

const now = 1_000_000;
const week = 604_800_000;

describe('a link ends', () => {
  test.each([
    ['when it was asked to', 60, undefined, now + 60_000, 'asked'],
    ['after seven days to the second', 604_800, undefined, now + week, 'asked'],
    ['after seven days at most', 604_801, undefined, now + week, 'seven-days'],
    ['with the keys that signed it', 3_600, now + 5_000, now + 5_000, 'credentials'],
    [
      'with keys that end within the week',
      9_999_999,
      now + week - 1,
      now + week - 1,
      'credentials',
    ],
    ['when asked, when the keys end at the same time', 60, now + 60_000, now + 60_000, 'asked'],
    ['when asked, long before the keys do', 60, now + week, now + 60_000, 'asked'],
  ] as const)('%s', (_, seconds, credentialsExpireAtMs, expiresAtMs, because) => {
    expect(linkExpiry(now, seconds, credentialsExpireAtMs)).toEqual({ expiresAtMs, because });
  });

  test.each([
    ['its copy, before the keys', now + 50_000, now + 40_000, now + 40_000, 'copy'],
    ['its keys, before the copy', now + 40_000, now + 50_000, now + 40_000, 'credentials'],
    ['the time asked for, before the copy', undefined, now + 60_000, now + 60_000, 'asked'],
  ] as const)(
    'of an archived recording with %s',
    (_, credentialsExpireAtMs, copyEndsAtMs, expiresAtMs, because) => {
      const expiry = linkExpiry(now, 60, credentialsExpireAtMs, copyEndsAtMs);
      expect(expiry).toEqual({ expiresAtMs, because });
      expect(() => linkExpiry(now, 60, undefined, now)).toThrow(
        expect.objectContaining({ code: 'object-archived' }),
      );
    },
  );

  test.each([now, now - 1])('before it began, when the keys have ended: none is made', (ended) => {
    expect(() => linkExpiry(now, 60, ended)).toThrow(
      expect.objectContaining({ code: 'sign-in-expired' }),
    );
  });
});

const linksWith = (...notes: (string | null)[]) =>
  notes.map((note) => ({ note, expiresAtMs: Date.UTC(2026, 4, 3, 12) }));

test('links that end with their recording are named by their notes, three of them, else by their end', () => {
  expect(lostLinksText(linksWith())).toMatch(
    /^No link to the recording that was made here works now\./,
  );
  expect(lostLinksText(linksWith('Ana'))).toBe(
    '1 link to the recording stops working: “Ana”. So does any that was made elsewhere.',
  );
  expect(lostLinksText(linksWith('Ana', null), 'other')).toMatch(
    /^2 other links to the recording stop working, too: “Ana” and the one until .*3 May[^.]*\. So does any that was made elsewhere\.$/,
  );
  expect(lostLinksText(linksWith('A', 'B', 'C', 'D', 'E'))).toBe(
    '5 links to the recording stop working: “A”, “B”, “C” and 2 more. So does any that was made elsewhere.',
  );
});

test('links that would be named alike are named once, with their number', () => {
  const several = linksWith(null, 'Ana', null, 'Ana', null, 'B', 'C', 'C');
  expect(lostLinksText(several)).toMatch(
    /^8 links to the recording stop working: the 3 until [^“]*3 May[^“]*, “Ana” \(2\), “B” and 2 more\. So does any that was made elsewhere\.$/,
  );
});
