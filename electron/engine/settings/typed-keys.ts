/** @file Keys that a person entered: in the keychain; without one stored only as agreed; without both in memory. */
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import type { KeyStore } from '#shared/api/connection.ts';
import type { SignInSource } from '#shared/sign-in.ts';
import type { GivenKeys } from '../s3/storage-settings.ts';
import type { SettingStore } from '../store/settings.ts';

/** What the operating system has for keeping secrets. */
export interface KeyVault {
  /** False where whoever can read the file could open what is sealed. */
  isSafe(): boolean;
  /**
   * @param isAgreed A person has agreed that it need not be safe.
   * @throws AppError `keys-unprotected` without that, `settings-wrong`
   */
  seal(text: string, isAgreed: boolean): Promise<Uint8Array>;
  /** @throws AppError `settings-wrong` */
  open(sealed: Uint8Array): Promise<string>;
}

const keys = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string().exactOptional(),
  expiration: z.coerce.date().exactOptional(),
});

const WHAT = 'The access key and its secret';

/** Without the cause: a parser's words quote what it read. @throws AppError `saved-unreadable` */
export function named<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new AppError('saved-unreadable', what);
  }
}

/** @param vault `undefined` where there is no desktop: what is entered then ends with the process. */
export function createTypedKeys(settings: SettingStore, vault: KeyVault | undefined) {
  const agreedAtMs = () => settings.getIfReadable('unprotected_keys_agreed_ms', z.number());
  let held: GivenKeys | undefined;

  async function seal(text: string, isAgreed: boolean): Promise<string> {
    return Buffer.from(await vault!.seal(text, isAgreed)).toString('base64');
  }

  /** There was no keychain when they were stored, and by now there is one. */
  async function moveIntoKeychain(text: string): Promise<void> {
    if (agreedAtMs() === undefined || !vault!.isSafe()) return;
    const again = await seal(text, false).catch(() => undefined);
    if (again) settings.setAll({ sealed_keys: again, unprotected_keys_agreed_ms: undefined });
  }

  return {
    isThere: () =>
      held !== undefined || settings.getIfReadable('sealed_keys', z.string()) !== undefined,
    /**
     * Never another's instead: recordings could reach another bucket of the same name.
     *
     * @throws AppError `settings-wrong` when the keychain does not give them out, `saved-unreadable`
     */
    async find(): Promise<{ keys: GivenKeys; from: SignInSource } | undefined> {
      if (held) return { keys: held, from: 'window' };
      const sealed = named(WHAT, () => settings.get('sealed_keys', z.string()));
      if (sealed === undefined) return undefined;
      if (vault === undefined)
        throw new AppError(
          'saved-unreadable',
          'The keys are in the keychain, which only the app itself opens',
        );
      const text = await vault.open(Buffer.from(sealed, 'base64'));
      const found = named(WHAT, () => keys.parse(JSON.parse(text)));
      await moveIntoKeychain(text);
      return { keys: found, from: agreedAtMs() === undefined ? 'keychain' : 'unprotected' };
    },
    store(): { keyStore: KeyStore; agreedAtMs: number | null } {
      const keyStore = !vault ? 'memory' : vault.isSafe() ? 'keychain' : 'unprotected';
      return { keyStore, agreedAtMs: agreedAtMs() ?? null };
    },
    /**
     * What is to be stored for them; it holds once `commit` is called.
     *
     * @param isAgreed A person agrees, now, that they are stored without a keychain.
     * @throws AppError `keys-unprotected`, `settings-wrong`
     */
    async change(typed: GivenKeys, isAgreed: boolean, nowMs: number) {
      if (vault === undefined) return { changes: {}, commit: () => void (held = typed) };
      const wasAgreed = agreedAtMs() !== undefined;
      const text = JSON.stringify(typed);
      return {
        changes: {
          sealed_keys: await seal(text, isAgreed || wasAgreed),
          ...(isAgreed && !wasAgreed ? { unprotected_keys_agreed_ms: nowMs } : {}),
        },
        commit: () => void (held = undefined),
      };
    },
    /** Forgets them, and what was agreed for them. */
    forget: () => ({
      changes: { sealed_keys: undefined, unprotected_keys_agreed_ms: undefined },
      commit: () => void (held = undefined),
    }),
  };
}
