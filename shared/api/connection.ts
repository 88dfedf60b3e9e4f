/** @file The calls about the connection to the storage. No answer of theirs holds a key. */
import { z } from 'zod';
import { abilityNames } from '../abilities.ts';
import { lifecycleChoices } from '../lifecycle.ts';
import { encryptionChoices } from '../encryption.ts';
import { report } from '../report.ts';
import { lockableSettings } from '../school.ts';
import { signInSources } from '../sign-in.ts';
import { ms } from './stored.ts';

/**
 * Where keys that are typed here go: `keychain` · `unprotected`: there is none, and they are stored only when a
 * person agrees · `memory`: they end with the process.
 */
const keyStores = ['keychain', 'unprotected', 'memory'] as const;
export type KeyStore = (typeof keyStores)[number];

/** Which storage, and how it is reached. */
const place = {
  bucket: z.string(),
  region: z.string(),
  endpoint: z.string(),
  profile: z.string(),
  /** With what new recordings are encrypted; empty for what the bucket does by itself. */
  encryption: z.string(),
  kmsKeyId: z.string(),
  /** False allows plain http to another computer. */
  useSsl: z.boolean(),
  /** False asks for certificates not to be checked. */
  verifySsl: z.boolean(),
  /** A private authority's certificates, by the path of their file. */
  caFile: z.string(),
};

const connectionView = z.object({
  ...place,
  /** Typed in a window. They never come back out. */
  hasKeys: z.boolean(),
  keyStore: z.enum(keyStores),
  /** When a person agreed that typed keys are stored without a keychain. */
  agreedAtMs: ms.nullable(),
  /** The environment or a .env file decides: nothing can be saved here. */
  isFixed: z.boolean(),
  /** Those that the school has set. */
  setBySchool: z.array(z.enum(lockableSettings)),
  /** Where the list of recordings is; null for the usual place. */
  home: z.string().nullable(),
});
export type ConnectionView = z.output<typeof connectionView>;

const signInView = z.object({
  source: z.enum(signInSources),
  profile: z.string().nullable(),
  /** Null while no keys are found. */
  keyEnding: z.string().nullable(),
  isTemporary: z.boolean(),
  endsAtMs: ms.nullable(),
  /** The keys are gone, or the storage does not take them. */
  needsPerson: z.boolean(),
});
export type SignInView = z.output<typeof signInView>;

/** What a `.env` file says. The secret key and the session token are left out. */
const envFileView = z.object({
  id: z.string(),
  /** Nothing of what it says is in the way of saving it. */
  isUsable: z.boolean(),
  connection: z.object({
    ...place,
    /** It names no bucket: the one that is set stays, with all that the file does not say. */
    isAsBefore: z.boolean(),
    /** Keys that were typed stay: it brings none, and leads to no other address. */
    areKeysKept: z.boolean(),
  }),
  keys: z
    .object({ keyEnding: z.string(), isTemporary: z.boolean(), endsAtMs: ms.nullable() })
    .nullable(),
  notes: z.array(
    z.object({
      line: z.int().nullable(),
      name: z.string().nullable(),
      why: z.string(),
      isWrong: z.boolean(),
    }),
  ),
});
export type EnvFileView = z.output<typeof envFileView>;
/** `value`: null while it is not known. */
const abilityView = z.object({
  name: z.enum(abilityNames),
  value: z.boolean().nullable(),
  foundAtMs: ms.nullable(),
});

/** `notes`: what was put right of the settings, in words. */
const storageFacts = z.object({ abilities: z.array(abilityView), notes: z.array(z.string()) });
export type StorageFacts = z.output<typeof storageFacts>;

const none = z.object({});
/** Whether two endpoints, as they are typed, are the same place: keys that were typed for one are not sent to another. */
export const isSamePlace = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (endpoint: string) => endpoint.trim().toLowerCase().replace(/\/+$/, '');

/** Of a `.env` file that was read: what `readEnvFile` gave. */
const offer = z.string().max(64);
const agrees = z.boolean().optional();
/** Longer ones are no settings. */
export const MAX_ENV_FILE_CHARACTERS = 65_536;

export const connectionCalls = {
  getConnection: { input: none, output: connectionView },
  saveConnection: {
    input: z.object({
      /** Or where it is, as tools and the console of Amazon S3 write it. */
      bucket: z.string().max(500),
      region: z.string().max(64),
      endpoint: z.string().max(500),
      profile: z.string().max(200),
      encryption: z.enum(encryptionChoices).optional(),
      kmsKeyId: z.string().max(2_048).optional(),
      useSsl: z.boolean().optional(),
      verifySsl: z.boolean().optional(),
      caFile: z.string().max(4_096).optional(),
      /** Null keeps what is stored. */
      keys: z
        .object({
          accessKeyId: z.string().max(200),
          secretAccessKey: z.string().max(200),
          sessionToken: z.string().max(8_192).exactOptional(),
        })
        .nullable(),
      /** The keys may be stored without a keychain. It is remembered until `forgetKeys`. */
      agreesToUnprotected: agrees,
    }),
    output: none,
  },
  /** Those that were typed, wherever they are, and what was agreed for them. */
  forgetKeys: { input: none, output: none },
  /** Nothing is saved yet. The text is not kept, what it says is, until it is saved or dropped. */
  readEnvFile: {
    input: z.object({ text: z.string().max(MAX_ENV_FILE_CHARACTERS) }),
    output: envFileView,
  },
  saveEnvFile: {
    input: z.object({ id: offer, agreesToUnprotected: agrees }),
    output: none,
  },
  dropEnvFile: { input: none, output: none },
  /** Whose keys sign, as far as it is known without asking the storage; null while nothing is set up. */
  getSignIn: { input: none, output: z.object({ signIn: signInView.nullable() }) },
  /**
   * What is remembered of the storage; null while nothing is set up. `test`: the last one that got an answer,
   * for whoever signs now.
   */
  getStorageFacts: {
    input: none,
    output: z.object({
      facts: storageFacts.nullable(),
      test: z.object({ report, atMs: ms }).nullable(),
    }),
  },
  /** What would become of the bucket's lifecycle rules. Nothing is changed. */
  planRules: {
    input: z.object({ choices: lifecycleChoices }),
    output: z.object({
      changes: z.array(z.object({ sign: z.enum(['=', '+', '-']), text: z.string() })),
      /** All that the bucket would have, as the AWS command line takes it. */
      next: z.array(z.record(z.string(), z.unknown())),
      isSame: z.boolean(),
      seen: z.string(),
    }),
  },
  /** `seen`: of the plan that a person has looked at. */
  applyRules: {
    input: z.object({ choices: lifecycleChoices, seen: z.string().max(64) }),
    output: z.object({ rules: z.int() }),
  },
  /** What it finds out is remembered. */
  testConnection: {
    /** `envFile`: what was read and is not saved yet, in the place of what is set. */
    input: z.object({ envFile: offer.optional() }),
    output: report,
  },
} as const;
