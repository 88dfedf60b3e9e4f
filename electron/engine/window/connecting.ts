/** @file The calls about the connection: what it is, who signs, whether it works. */
import type { Api } from '#shared/api.ts';
import type { SignInView } from '#shared/api/connection.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { applyRules, lookAtRules } from '../doctor/bucket-rules.ts';
import { diagnose } from '../doctor/doctor-run.ts';
import { factsView, type KnownStorage } from '../doctor/known.ts';
import type { createConnection } from '../settings/connection.ts';
import type { StoragePlace, StorageSettings } from '../s3/storage-settings.ts';
import type { Session } from './session.ts';

export type ConnectionCalls = Pick<
  Api,
  | 'getConnection'
  | 'saveConnection'
  | 'forgetKeys'
  | 'readEnvFile'
  | 'saveEnvFile'
  | 'dropEnvFile'
  | 'testConnection'
  | 'planRules'
  | 'applyRules'
  | 'getSignIn'
  | 'getStorageFacts'
>;

type Context = Readonly<{
  connection: () => ReturnType<typeof createConnection>;
  /**
   * @param envFile What was read and is not saved yet; without it what is set.
   * @throws AppError `settings-missing`, `settings-wrong`, `usage`
   */
  settings: (envFile?: string) => Promise<StorageSettings>;
  /** What is remembered of this storage. */
  known: (settings: StoragePlace) => KnownStorage;
  session: () => Session | undefined;
  /** Opens the library anew, with the settings as they are by then. */
  reopen: () => Promise<void>;
  /** For the test object's key. */
  userId: string;
  /** As `ConnectionView` says. */
  home: string | null;
  signal: AbortSignal;
}>;

/** Troubles that other keys end. */
const aboutKeys: ReadonlySet<ErrorCode> = new Set([
  'credentials-missing',
  'sign-in-expired',
  'sign-in-failed',
  'wrong-access-key',
  'wrong-secret',
]);

export function createConnectionCalls(context: Context): ConnectionCalls {
  const { connection, settings, known, session, reopen, userId, home, signal } = context;
  const storage = async () => {
    const asked = await settings();
    return { settings: asked, known: known(asked), signal };
  };
  return {
    getConnection: async () => ({ ...connection().view(), home }),
    async saveConnection(input) {
      await connection().save(input);
      await reopen();
      return {};
    },
    async forgetKeys() {
      await connection().forgetKeys();
      await reopen();
      return {};
    },
    readEnvFile: async ({ text }) => connection().offer(text),
    async saveEnvFile({ id, agreesToUnprotected = false }) {
      await connection().saveOffer(id, agreesToUnprotected);
      await reopen();
      return {};
    },
    async dropEnvFile() {
      connection().dropOffer();
      return {};
    },
    async getSignIn() {
      const { remote, engine } = session() ?? {};
      if (remote === undefined) return { signIn: null };
      const found = await remote.signIn().catch(() => undefined);
      const trouble = engine?.queue.trouble;
      return {
        signIn: {
          ...(found ?? nobody(await settings())),
          profile: found?.profile ?? null,
          endsAtMs: found?.endsAtMs ?? null,
          needsPerson:
            found === undefined || (trouble !== undefined && aboutKeys.has(trouble.code)),
        },
      };
    },
    async getStorageFacts() {
      const { remote } = session() ?? {};
      if (remote === undefined) return { facts: null, test: null };
      const asked = await settings();
      const facts = known(asked);
      const who = await remote.signIn().catch(() => undefined);
      return {
        facts: factsView(facts, asked.region),
        test: (who && facts.lastTest(who)) ?? null,
      };
    },
    async planRules({ choices }) {
      const { next, ...plan } = await lookAtRules(await storage(), choices);
      return { ...plan, next: JSON.parse(JSON.stringify(next)) as Record<string, unknown>[] };
    },
    applyRules: async ({ choices, seen }) => applyRules(await storage(), choices, seen),
    async testConnection({ envFile }) {
      const asked = await settings(envFile);
      const { report } = await diagnose(asked, known(asked), { userId, signal });
      return report;
    },
  };
}

/** Where keys were looked for, in vain. */
function nobody({ profile }: StorageSettings): Omit<SignInView, 'endsAtMs' | 'needsPerson'> {
  return { source: 'profile', profile: profile ?? null, keyEnding: null, isTemporary: false };
}
