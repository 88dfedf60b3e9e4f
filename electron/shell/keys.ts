/** @file The operating system's keychain for keys that were typed in the window. */
import type { SafeStorage } from 'electron';
import { AppError } from '#shared/errors.ts';
import type { KeyVault } from '../engine/settings/typed-keys.ts';
import { openSealed, sealText, type SealingStorage } from './versions.ts';

type Storage = SealingStorage &
  Pick<SafeStorage, 'getSelectedStorageBackend' | 'setUsePlainTextEncryption'>;

/** What a person can do instead. */
const INSTEAD = 'Put the keys into a profile of the AWS tools, or into the environment.';

/** Before what Chromium, on Linux, sealed with a password that stands in its source. */
const FIXED_PASSWORD = Buffer.from('v10');

/** Asks the keychain for nothing before keys are typed: on some systems that alone opens a prompt. */
export function keychain(storage: Storage, platform: NodeJS.Platform): KeyVault {
  const isSafe = () =>
    platform !== 'linux' ||
    !['basic_text', 'unknown'].includes(storage.getSelectedStorageBackend());

  return {
    isSafe,
    async seal(text, isAgreed) {
      if (!isSafe() && !isAgreed) throw new AppError('keys-unprotected');
      if (!isSafe()) storage.setUsePlainTextEncryption(true);
      const sealed = await sealText(storage, text).catch((cause: unknown) => {
        const why = `The keychain of this computer did not take the keys. ${INSTEAD}`;
        throw new AppError('settings-wrong', why, { cause });
      });
      // Also where a keychain was chosen: one that does not answer is passed over without a word.
      const isFixed = platform === 'linux' && sealed.subarray(0, 3).equals(FIXED_PASSWORD);
      if (isFixed && !isAgreed) throw new AppError('keys-unprotected');
      return sealed;
    },
    async open(sealed) {
      const bytes = Buffer.from(sealed);
      if (!isSafe() && bytes.subarray(0, 3).equals(FIXED_PASSWORD))
        storage.setUsePlainTextEncryption(true);
      try {
        return await openSealed(storage, bytes);
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
