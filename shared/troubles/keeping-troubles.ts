/** @file What can be wrong with how the storage keeps objects: rows of the catalogue. */
import { ALL_SAFE, IN_STORAGE, ONE_SAFE, UNTOUCHED, type Trouble } from './trouble.ts';

export const keepingTroubles = {
  'object-archived': {
    title: 'This recording is in an archive and must be made readable first',
    safe: IN_STORAGE,
    todo: 'Press “Make readable again” in its details in the Library, and try again once it is readable.',
    cli: { todo: 'Make it readable again, which takes hours and costs: pansea-sync restore' },
    goTo: 'library',
    retry: 'after-user',
    scope: 'file',
  },
  'object-restoring': {
    title: 'This recording is being made readable again',
    safe: IN_STORAGE,
    todo: 'Try again once it is readable: that may take hours.',
    retry: 'after-user',
    scope: 'file',
  },
  'not-archived': {
    title: 'This recording is not in an archive',
    safe: IN_STORAGE,
    todo: 'Nothing has to be done: it can be opened as it is.',
    retry: 'after-user',
    scope: 'file',
  },
  'fast-restore-full': {
    title: 'The storage cannot make it readable within minutes at the moment',
    safe: IN_STORAGE,
    todo: 'Choose a slower speed, or try again later.',
    retry: 'after-user',
    scope: 'file',
  },
  'archived-unchecked': {
    title: 'Uploaded into an archive class, where it cannot be checked',
    safe: `${ONE_SAFE} Keep it there.`,
    todo: 'Choose another storage class for its folder in Settings. Once the copy has been made readable again, press Retry.',
    cli: {
      todo: 'Choose another storage class for its folder. Once the copy has been made readable again: pansea-sync retry',
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
    goTo: 'settings/folders',
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
  'nothing-kept': {
    title: 'The storage keeps no deleted recording of that name',
    safe: UNTOUCHED,
    todo: 'Look at the list of deleted recordings again: it may have been brought back, or have ended by a rule of the bucket.',
    cli: {
      todo: 'See what can be brought back: pansea-sync undelete',
    },
    retry: 'after-user',
    scope: 'file',
  },
  'only-in-console': {
    title: 'It cannot be brought back from here',
    safe: 'Nothing was lost: the storage still keeps it.',
    todo: 'Ask an admin to bring it back in the storage’s console: it was deleted while the bucket was not set to keep versions.',
    retry: 'after-user',
    scope: 'file',
  },
  'rules-changed': {
    title: 'The rules of the bucket are not those that were looked at',
    safe: UNTOUCHED,
    todo: 'Somebody else may have changed them. Look at the difference again before it is applied.',
    retry: 'after-user',
    scope: 'usage',
  },
} as const satisfies Record<string, Trouble>;
