/** @file The operating system's keychain for keys that were typed in the window. */
import type { SafeStorage } from 'electron';
import { AppError } from '#shared/errors.ts';
import type { KeyVault } from '../engine/connection.ts';
import { openSealed, sealText, type SealingStorage } from './versions.ts';

type Storage = SealingStorage & Pick<SafeStorage, 'getSelectedStorageBackend'>;

/** What a person can do instead. */
const INSTEAD = 'Put the keys into a profile of the AWS tools, or into the environment.';

/**
 * Asks the keychain for nothing before keys are typed: on some systems that alone opens a prompt.
 *
 * @returns A vault whose `seal` and `open` throw AppError `settings-wrong` when the keychain refuses.
 */
export function keychain(storage: Storage, platform: NodeJS.Platform): KeyVault {
  /** Without a keychain Chromium would "encrypt" with a password that stands in its source. */
  function refusal(): string | undefined {
    if (platform !== 'linux') return undefined;
    const backend = storage.getSelectedStorageBackend();
    return backend === 'basic_text' || backend === 'unknown'
      ? `There is no keychain on this computer, so keys cannot be kept safely. ${INSTEAD}`
      : undefined;
  }
  return {
    refusal,
    async seal(text) {
      const reason = refusal();
      if (reason !== undefined) throw new AppError('settings-wrong', reason);
      try {
        return await sealText(storage, text);
      } catch (cause) {
        throw new AppError(
          'settings-wrong',
          `The keychain of this computer did not take the keys. ${INSTEAD}`,
          { cause },
        );
      }
    },
    async open(sealed) {
      try {
        return await openSealed(storage, Buffer.from(sealed));
      } catch (cause) {
        throw new AppError(
          'settings-wrong',
          'The keychain of this computer no longer gives out the stored keys. Type them again in Settings.',
          { cause },
        );
      }
    },
  };
}
