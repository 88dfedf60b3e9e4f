import { describe, expect, test } from 'vitest';
import { keychain } from '../../electron/shell/keys.ts';
import { current, older } from '../support/keychain.ts';

describe.each([
  ['in the product’s Electron', current],
  ['in the tests’ Electron', older],
])('keys %s', (_, storage) => {
  test.each(['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'] as const)(
    'are sealed by %s, and come back as they were',
    async (backend) => {
      const keys = keychain(storage(backend), 'linux');
      expect(keys.isSafe()).toBe(true);
      const sealed = await keys.seal('secret', false);
      expect(Buffer.from(sealed).toString()).not.toContain('secret');
      expect(await keys.open(sealed)).toBe('secret');
    },
  );

  test.each(['basic_text', 'unknown'] as const)(
    'are refused where the store is %s, and nothing is sealed',
    async (backend) => {
      const electron = storage(backend);
      const keys = keychain(electron, 'linux');
      expect(keys.isSafe()).toBe(false);
      await expect(keys.seal('secret', false)).rejects.toMatchObject({ code: 'keys-unprotected' });
      expect(electron.asked).toEqual([]);
    },
  );

  test('are sealed where there is no keychain once a person has agreed, and come back after a restart', async () => {
    const sealed = await keychain(storage('basic_text'), 'linux').seal('secret', true);
    expect(await keychain(storage('basic_text'), 'linux').open(sealed)).toBe('secret');
  });

  test('are refused where a keychain was chosen and is passed over for a fixed password', async () => {
    const keys = keychain(storage('gnome_libsecret', true, 'fixed'), 'linux');
    expect(keys.isSafe()).toBe(true);
    await expect(keys.seal('secret', false)).rejects.toMatchObject({ code: 'keys-unprotected' });
  });

  test.each(['win32', 'darwin'] as const)(
    'are kept on %s, whose keychain is asked only when keys are typed',
    async (platform) => {
      const electron = storage();
      const keys = keychain(electron, platform);
      expect(keys.isSafe()).toBe(true);
      expect(electron.asked).toEqual([]);
      expect(await keys.open(await keys.seal('secret', false))).toBe('secret');
      expect(electron.asked).not.toContain('plain');
    },
  );

  test('are refused with a way on when the keychain is locked', async () => {
    const keys = keychain(storage('gnome_libsecret', false), 'linux');
    await expect(keys.seal('secret', false)).rejects.toMatchObject({
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
