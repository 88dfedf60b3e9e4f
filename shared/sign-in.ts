/** @file Where the keys that sign requests were found, and how a person gets new ones, in words. */

/**
 * `environment`, `env-file`, `keychain`, `unprotected` (entered, and stored without a keychain), `window` (entered,
 * and held until the program ends) and `demo` were given by name; the others are what the AWS tools' own settings led to.
 */
export const signInSources = [
  'environment',
  'env-file',
  'keychain',
  'unprotected',
  'window',
  'demo',
  'profile',
  'sso',
  'login',
  'role',
  'process',
  'web-identity',
  'computer',
  'other',
] as const;
export type SignInSource = (typeof signInSources)[number];

export type SignIn = Readonly<{
  source: SignInSource;
  /** Of the AWS tools' settings, where one led to the keys. */
  profile: string | undefined;
  /** The last four characters of the access key's id: enough to tell two apart. Empty where it looks like a secret key. */
  keyEnding: string;
  /** A session token is beside the keys: they end, whether or not it is known when. */
  isTemporary: boolean;
  /** Unix milliseconds; `undefined` when they do not end, or nobody told. */
  endsAtMs: number | undefined;
}>;

/**
 * Who mixes up the two keys has the secret in the other's place: nothing of that is shown. Ids that are known of
 * have 32 letters and digits at most, Swift's two such names and a colon, Google's and Tencent's a beginning of their
 * own; secret keys more, or other signs. A secret that looks like an id, as some storages have them, cannot be told
 * from one.
 */
export const keyEndingOf = (accessKeyId: string): string =>
  /^(?:[\w-]{1,32}(?::[\w-]{1,32})?|GOOG[A-Z0-9]{57}|AKID\w{32})$/.test(accessKeyId)
    ? accessKeyId.slice(-4)
    : '';

export const keyEndingText = (ending: string): string =>
  ending === ''
    ? 'What stands as the access key looks like a secret key, and is not shown.'
    : `The access key ends in ${ending}.`;

type Origin = Pick<SignIn, 'source' | 'profile'>;

const byName = (profile = 'default') => `the AWS profile “${profile}”`;

/** As in "Keys come from …". */
export function originWords({ source, profile }: Origin): string {
  const words: Record<SignInSource, string> = {
    environment: 'the environment',
    'env-file': 'the .env file',
    keychain: 'this computer’s keychain',
    unprotected: 'what was entered here, stored without a keychain',
    window: 'what was entered here',
    demo: 'the demo',
    profile: byName(profile),
    sso: `${byName(profile)}, by single sign-on`,
    login: `${byName(profile)}, by signing in to AWS`,
    role: `${byName(profile)}, in the role that it names`,
    process: `${byName(profile)}, from the program that it names`,
    'web-identity': 'a web identity',
    computer: 'the computer that this one runs on',
    other: 'the settings of the AWS tools',
  };
  return words[source];
}

/** What to do when the sign-in has ended. */
export function renewalWords({ source, profile }: Origin): string {
  const named = profile === undefined || profile === 'default' ? '' : ` --profile ${profile}`;
  const words: Partial<Record<SignInSource, string>> = {
    environment: 'Put new keys into the environment, and start Pan-Sea Sync again.',
    'env-file': 'Put new keys into the .env file.',
    keychain: 'Enter new keys here.',
    unprotected: 'Enter new keys here.',
    window: 'Enter new keys here.',
    sso: `Sign in again with: aws sso login${named}`,
    login: `Sign in again with: aws login${named}`,
  };
  return words[source] ?? `Sign in again, as you did for ${originWords({ source, profile })}.`;
}
