/** @file Keys that tests sign with, and that must turn up nowhere: canary-traces.ts looks for them. */

const SECRET = 'cAnArY+/thatNobodyMustEverSee';
const TOKEN = 'IQoJcAnArYtokenThatNobodyMustSee';

/** As long as real ones. */
export const canaryKeys = {
  accessKeyId: 'AKIAPANSEASYNCCANARY',
  secretAccessKey: `${SECRET}Anywhere+/1`,
} as const;

/** Temporary keys, the nth of a test. */
export function canarySession(n: number) {
  const four = String(n).padStart(4, '0');
  return {
    accessKeyId: `ASIAPANSEA${four}CANARY`,
    secretAccessKey: `${SECRET}Never+/${four}`,
    sessionToken: `${TOKEN}+/${four}//////////${'x'.repeat(300)}==`,
  };
}

/** What `aws sso login` leaves. */
export const canaryLogin = 'cAnArY-sso-token-that-nobody-must-see';

/** How what must be seen nowhere begins. */
export const canarySecrets = [SECRET, TOKEN, canaryLogin] as const;
/** Of the keys by name, and of each of the first sessions. */
export const canaryIds = [
  canaryKeys.accessKeyId,
  ...[1, 2].map((n) => canarySession(n).accessKeyId),
] as const;
