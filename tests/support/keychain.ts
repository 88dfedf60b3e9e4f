/** @file Electron's safe storage, which only Electron has: what the product asks of it, and how it answers. */
import { keychain } from '../../electron/shell/keys.ts';

type Storage = Parameters<typeof keychain>[0];
type Backend = ReturnType<Storage['getSelectedStorageBackend']>;

/** What Chromium puts before what it sealed with a key of the keychain, and with its own fixed password. */
const PREFIXES = { keychain: 'v11', fixed: 'v10' } as const;

const turn = (text: string) => Array.from(text).toReversed().join('');

/** Notes what is asked of it, and refuses as Electron does unless it was told that plain text will do. */
function desktop(backend: Backend, isAvailable: boolean, sealsBy: keyof typeof PREFIXES) {
  const asked: string[] = [];
  let isPlainAllowed = false;
  const prefix = () => PREFIXES[backend === 'basic_text' ? 'fixed' : sealsBy];
  return {
    asked,
    getSelectedStorageBackend: () => backend,
    setUsePlainTextEncryption(allow: boolean) {
      asked.push('plain');
      isPlainAllowed = allow;
    },
    available: () => {
      asked.push('available');
      return backend === 'basic_text' ? isPlainAllowed : isAvailable;
    },
    encrypt: (text: string) => {
      asked.push('encrypt');
      return Buffer.from(prefix() + turn(text));
    },
    decrypt: (sealed: Buffer) => {
      asked.push('decrypt');
      if (backend === 'basic_text' && !isPlainAllowed)
        throw new Error('Decryption is not available.');
      return turn(sealed.toString().slice(3));
    },
  };
}

/** As in Electron 45. */
export function current(
  backend: Backend = 'gnome_libsecret',
  isAvailable = true,
  sealsBy: keyof typeof PREFIXES = 'keychain',
) {
  const { available, encrypt, decrypt, ...rest } = desktop(backend, isAvailable, sealsBy);
  return {
    ...rest,
    isAsyncEncryptionAvailable: () => Promise.resolve(available()),
    encryptStringAsync: (text: string) => Promise.resolve(encrypt(text)),
    decryptStringAsync: (sealed: Buffer) =>
      Promise.resolve({ shouldReEncrypt: false, result: decrypt(sealed) }),
  };
}

/** As in Electron 33. */
export function older(...given: Parameters<typeof current>) {
  const [backend = 'gnome_libsecret', isAvailable = true, sealsBy = 'keychain'] = given;
  const { available, encrypt, decrypt, ...rest } = desktop(backend, isAvailable, sealsBy);
  return {
    ...rest,
    isEncryptionAvailable: available,
    encryptString: encrypt,
    decryptString: decrypt,
  };
}

/** As the app has it on a Linux with that backend; what it seals is turned around, not encrypted. */
export const linuxKeychain = (backend: Backend = 'gnome_libsecret') =>
  keychain(current(backend), 'linux');
