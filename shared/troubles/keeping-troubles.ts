/** @file What can be wrong with how the storage keeps objects: rows of the catalogue. */
import { ALL_SAFE, ONE_SAFE, UNTOUCHED, type Trouble } from './trouble.ts';

export const keepingTroubles = {
  'object-archived': {
    title: 'This recording is in an archive class and must be restored first',
    safe: 'It is safe in the storage.',
    todo: 'Ask an admin to restore it in the storage’s console, then try again.',
    retry: 'after-user',
    scope: 'file',
  },
  'archived-unchecked': {
    title: 'Uploaded into an archive class, where it cannot be checked',
    safe: `${ONE_SAFE} Keep it there.`,
    todo: 'Choose another storage class for its folder in Settings. Once an admin has restored the copy, press Retry.',
    cli: {
      todo: 'Choose another storage class for its folder. Once an admin has restored the copy: pansea-sync retry',
    },
    goTo: 'settings',
    retry: 'after-user',
    scope: 'file',
  },
  'class-refused': {
    title: 'The storage does not take the storage class of this folder',
    safe: ONE_SAFE,
    todo: 'Choose another storage class for its folder in Settings, then press Retry.',
    cli: { todo: 'Choose another storage class for its folder, then: pansea-sync retry' },
    goTo: 'settings',
    retry: 'after-user',
    scope: 'file',
  },
  'encryption-refused': {
    title: 'The storage cannot encrypt as it is asked to',
    safe: ALL_SAFE,
    todo: 'Check the encryption in Settings, and ask an admin whether this account may use its key.',
    cli: {
      todo: 'Check the encryption and its key in the environment or .env file, and ask an admin whether this account may use the key.',
    },
    goTo: 'settings',
    retry: 'after-user',
    scope: 'storage',
  },
  'rules-changed': {
    title: 'The rules of the bucket are not those that were looked at',
    safe: UNTOUCHED,
    todo: 'Somebody else may have changed them. Look at the difference again before it is applied.',
    retry: 'after-user',
    scope: 'usage',
  },
} as const satisfies Record<string, Trouble>;
