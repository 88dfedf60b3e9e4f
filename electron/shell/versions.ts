/** @file Where the Electron of the product and the older one of the tests differ. */
import type { Clipboard, SafeStorage } from 'electron';

type Asynchronous = 'encryptStringAsync' | 'decryptStringAsync' | 'isAsyncEncryptionAvailable';
type Synchronous = 'encryptString' | 'decryptString' | 'isEncryptionAvailable';

/** Asynchronous since 45, synchronous until 45. */
export type SealingStorage = Partial<Pick<SafeStorage, Asynchronous>> &
  Partial<Pick<SafeStorage, Synchronous>>;

/** @throws Error when there is no encryption. */
export async function sealText(storage: SealingStorage, text: string): Promise<Buffer> {
  const isAvailable = storage.isAsyncEncryptionAvailable
    ? await storage.isAsyncEncryptionAvailable()
    : storage.isEncryptionAvailable?.();
  if (isAvailable !== true) throw new Error('There is no encryption');
  if (storage.encryptStringAsync) return storage.encryptStringAsync(text);
  if (storage.encryptString) return storage.encryptString(text);
  throw new Error('This Electron has no way to encrypt');
}

/** @throws Error when what was sealed cannot be read. */
export async function openSealed(storage: SealingStorage, sealed: Buffer): Promise<string> {
  if (storage.decryptStringAsync) return (await storage.decryptStringAsync(sealed)).result;
  if (storage.decryptString) return storage.decryptString(sealed);
  throw new Error('This Electron has no way to decrypt');
}

/** A promise since 44. */
export async function copyText(clipboard: Pick<Clipboard, 'writeText'>, text: string) {
  await clipboard.writeText(text);
}
