/** @file What can be wrong with the home and with what it remembers: rows of the catalogue, which says what their columns mean. */
export const homeTroubles = {
  'home-locked': {
    title: 'Another Pan-Sea Sync is already at work here',
    remedy: 'Use that one, or stop it first. Its uploads go on.',
    retry: 'after-user',
    scope: 'home',
  },
  'home-newer': {
    title: 'This library was made by a newer version of Pan-Sea Sync',
    remedy: 'Update Pan-Sea Sync. Nothing was changed.',
    retry: 'after-user',
    scope: 'home',
  },
  'home-unusable': {
    title: 'The library cannot be opened',
    remedy: 'Check the folder’s permissions and free space. Nothing was changed.',
    retry: 'after-user',
    scope: 'home',
  },
  'home-damaged': {
    title: 'The list of recordings is damaged',
    remedy:
      'Close Pan-Sea Sync and start it again: it makes a new list from your folders and the storage. No recording is deleted.',
    retry: 'after-user',
    scope: 'home',
  },
  'disk-full': {
    title: 'Almost no disk space left',
    remedy:
      'New recordings wait, and uploads go on. Free some space on the disk that holds the library; it goes on by itself.',
    retry: 'backoff',
    scope: 'home',
  },
  'home-not-local': {
    title: 'The library must be on a disk of this computer',
    remedy:
      'Keep the app’s own folder on this computer, not on a network drive. Nothing was changed.',
    retry: 'after-user',
    scope: 'home',
  },
  'cannot-list': {
    title: 'The storage does not say what it holds',
    remedy:
      'The list of recordings had to be made anew, and nothing is sent that may be there already. Ask an admin to allow s3:ListBucket; your recordings are safe on this computer and wait.',
    retry: 'after-user',
    scope: 'storage',
  },
  'list-denied': {
    title: 'The storage does not say what it holds',
    remedy: 'Nothing was changed. Ask an admin to allow listing the bucket (s3:ListBucket).',
    retry: 'after-user',
    scope: 'storage',
  },
  'object-missing': {
    title: 'This recording was stored and is not there any more',
    remedy:
      'Somebody or something removed it. Your file is safe on this computer; press Retry to send it again, or leave it if it was removed on purpose.',
    retry: 'after-user',
    scope: 'file',
  },
} as const;
