import { describe, expect, test } from 'vitest';
import { linkExpiry } from '../../shared/link.ts';

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
