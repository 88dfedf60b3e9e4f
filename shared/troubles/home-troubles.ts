/** @file What can be wrong with the home and with what it remembers: rows of the catalogue. */
import { UNCHANGED, UNTOUCHED, type Trouble } from './trouble.ts';

export const homeTroubles = {
  'home-locked': {
    title: 'Another Pan-Sea Sync is already at work here',
    safe: UNTOUCHED,
    todo: 'Use that one, or close it and try again.',
    cli: { todo: 'Use that one, stop it first, or choose another --home.' },
    retry: 'after-user',
    scope: 'home',
  },
  'home-newer': {
    title: 'This library was made by a newer version of Pan-Sea Sync',
    safe: UNTOUCHED,
    todo: 'Update Pan-Sea Sync.',
    retry: 'after-user',
    scope: 'home',
  },
  'home-unusable': {
    title: 'The library cannot be opened',
    safe: UNTOUCHED,
    todo: 'Check the permissions and the free space of the folder in the details.',
    retry: 'after-user',
    scope: 'home',
  },
  'home-damaged': {
    title: 'The list of recordings is damaged',
    safe: UNTOUCHED,
    todo: 'Close Pan-Sea Sync and start it again: it makes a new list from your folders and the storage.',
    cli: {
      todo: 'Run it once more: it makes a new list from your folders and the storage.',
    },
    retry: 'after-user',
    scope: 'home',
  },
  'saved-unreadable': {
    title: 'Settings that were saved cannot be read',
    safe: `${UNTOUCHED} Uploads wait, and ${UNCHANGED.toLowerCase()}`,
    todo: 'Enter them again in Settings. If a newer Pan-Sea Sync was used here, update this one instead.',
    cli: {
      todo: 'Enter them again in the window. If a newer Pan-Sea Sync was used here, update this one instead.',
    },
    goTo: 'settings',
    retry: 'after-user',
    scope: 'usage',
  },
  'policy-unreadable': {
    title: 'Your school’s settings for this computer cannot be read',
    safe: `${UNTOUCHED} ${UNCHANGED}`,
    todo: 'Tell your IT team: the details name the file and what is wrong with it. It is read again by itself.',
    cli: {
      todo: 'Correct the file that is named here, or tell whoever looks after this computer.',
    },
    retry: 'after-user',
    scope: 'usage',
  },
  'disk-full': {
    title: 'Almost no disk space left',
    safe: `${UNTOUCHED} New ones wait, and so may uploads.`,
    todo: 'Free some space on the disk that holds the library. It goes on by itself.',
    retry: 'backoff',
    scope: 'home',
  },
  'home-not-local': {
    title: 'The library must be on a disk of this computer',
    safe: UNTOUCHED,
    todo: 'Ask your IT team to keep the app’s own folder on this computer, not on a network drive.',
    cli: {
      todo: 'Choose another --home that is not on a network drive. The recordings themselves may be anywhere.',
    },
    retry: 'after-user',
    scope: 'home',
  },
} as const satisfies Record<string, Trouble>;
