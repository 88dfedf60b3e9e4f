/** @file Keys that tests sign with, and that must turn up nowhere. */

/** As long as real ones. */
export const canaryKeys = {
  accessKeyId: 'AKIAPANSEASYNCCANARY',
  secretAccessKey: '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',
} as const;

/** Temporary keys, the nth of a test. */
export function canarySession(n: number) {
  const four = String(n).padStart(4, '0');
  return {
    accessKeyId: `ASIAPANSEA${four}CANARY`,
    secretAccessKey: `cAnArY+/thatNobodyMustEverSeeNever+/${four}`,
    sessionToken: `IQoJcAnArYtokenThatNobodyMustSee+/${four}//////////${'x'.repeat(300)}==`,
  };
}
