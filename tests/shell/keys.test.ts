import { describe, expect, test } from 'vitest';
import { keychain } from '../../electron/shell/keys.ts';

type Storage = Parameters<typeof keychain>[0];
type Backend = ReturnType<Storage['getSelectedStorageBackend']>;

const turn = (text: string) => Array.from(text).toReversed().join('');

/** Notes what is asked of it. As in Electron 45. */
function current(backend: Backend = 'gnome_libsecret', isAvailable = true) {
  const asked: string[] = [];
  return {
    asked,
    getSelectedStorageBackend: () => backend,
    isAsyncEncryptionAvailable() {
      asked.push('available');
      return Promise.resolve(isAvailable);
    },
    encryptStringAsync(text: string) {
      asked.push('encrypt');
      return Promise.resolve(Buffer.from(turn(text)));
    },
    decryptStringAsync(sealed: Buffer) {
      asked.push('decrypt');
      return Promise.resolve({ shouldReEncrypt: false, result: turn(sealed.toString()) });
    },
  };
}

/** As in Electron 33. */
function older(backend: Backend = 'gnome_libsecret', isAvailable = true) {
  const asked: string[] = [];
  return {
    asked,
    getSelectedStorageBackend: () => backend,
    isEncryptionAvailable() {
      asked.push('available');
      return isAvailable;
    },
    encryptString(text: string) {
      asked.push('encrypt');
      return Buffer.from(turn(text));
    },
    decryptString(sealed: Buffer) {
      asked.push('decrypt');
      return turn(sealed.toString());
    },
  };
}

describe.each([
  ['in the product’s Electron', current],
  ['in the tests’ Electron', older],
])('keys %s', (_, storage) => {
  test.each(['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'] as const)(
    'are sealed by %s, and come back as they were',
    async (backend) => {
      const keys = keychain(storage(backend), 'linux');
      expect(keys.refusal()).toBeUndefined();
      const sealed = await keys.seal('secret');
      expect(Buffer.from(sealed).toString()).not.toContain('secret');
      expect(await keys.open(sealed)).toBe('secret');
    },
  );

  test.each(['basic_text', 'unknown'] as const)(
    'are refused in words where the store is %s, and nothing is sealed',
    async (backend) => {
      const electron = storage(backend);
      const keys = keychain(electron, 'linux');
      expect(keys.refusal()).toContain('no keychain on this computer');
      await expect(keys.seal('secret')).rejects.toMatchObject({ code: 'settings-wrong' });
      expect(electron.asked).toEqual([]);
    },
  );

  test.each(['win32', 'darwin'] as const)(
    'are kept on %s, whose keychain is asked only when keys are typed',
    async (platform) => {
      const electron = storage();
      const keys = keychain(electron, platform);
      expect(keys.refusal()).toBeUndefined();
      expect(electron.asked).toEqual([]);
      expect(await keys.open(await keys.seal('secret'))).toBe('secret');
    },
  );

  test('are refused with a way on when the keychain is locked', async () => {
    const keys = keychain(storage('gnome_libsecret', false), 'linux');
    await expect(keys.seal('secret')).rejects.toMatchObject({
      code: 'settings-wrong',
      message: expect.stringContaining('a profile of the AWS tools'),
    });
  });
});

test('keys that the keychain no longer knows are to be typed again', async () => {
  const reset = { ...current(), decryptStringAsync: () => Promise.reject(new Error('no')) };
  await expect(keychain(reset, 'linux').open(Buffer.from('x'))).rejects.toMatchObject({
    code: 'settings-wrong',
    message: expect.stringContaining('Type them again in Settings'),
  });
});
