/** @file The calls about the connection to the storage. No answer of theirs holds a key. */
import { z } from 'zod';
import { encryptionChoices } from './encryption.ts';
import { signInSources } from './sign-in.ts';
import { ms } from './stored.ts';

const checkView = z.object({
  id: z.string(),
  ok: z.boolean(),
  title: z.string(),
  detail: z.string().nullable(),
  remedy: z.string().nullable(),
});

export type CheckView = z.output<typeof checkView>;

const connectionView = z.object({
  bucket: z.string(),
  region: z.string(),
  endpoint: z.string(),
  profile: z.string(),
  /** With what new recordings are encrypted; empty for what the bucket does by itself. */
  encryption: z.string(),
  kmsKeyId: z.string(),
  /** Typed in a window: in the keychain, or held until the process ends. They never come back out. */
  hasKeys: z.boolean(),
  /** Whether typed keys outlast the process; without a keychain they do not. */
  canKeepKeys: z.boolean(),
  /** The environment or a .env file decides: nothing can be saved here. */
  isFixed: z.boolean(),
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

const none = z.object({});

export const connectionCalls = {
  getConnection: { input: none, output: connectionView },
  saveConnection: {
    input: z.object({
      bucket: z.string().max(63),
      region: z.string().max(64),
      endpoint: z.string().max(500),
      profile: z.string().max(200),
      encryption: z.enum(encryptionChoices).optional(),
      kmsKeyId: z.string().max(2_048).optional(),
      /** Null keeps what is stored. */
      keys: z
        .object({ accessKeyId: z.string().max(200), secretAccessKey: z.string().max(200) })
        .nullable(),
    }),
    output: none,
  },
  /** Whose keys sign, as far as it is known without asking the storage; null while nothing is set up. */
  getSignIn: { input: none, output: z.object({ signIn: signInView.nullable() }) },
  testConnection: {
    input: none,
    output: z.object({ ok: z.boolean(), checks: z.array(checkView) }),
  },
} as const;
