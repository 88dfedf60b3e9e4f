import type { KeyVault } from '../../electron/engine/typed-keys.ts';

/** A keychain that seals nothing: what matters here is what reaches the disk, and when. */
export const plainVault: KeyVault = {
  isSafe: () => true,
  seal: (text) => Promise.resolve(Buffer.from(text)),
  open: (sealed) => Promise.resolve(Buffer.from(sealed).toString()),
};
