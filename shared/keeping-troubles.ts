/** @file What can be wrong with how the storage keeps objects: rows of the catalogue, which says what their columns mean. */
export const keepingTroubles = {
  'object-archived': {
    title: 'The object is in an archive class and must be restored first',
    remedy: 'Ask an admin to restore it in the storage’s console, then try again.',
    retry: 'after-user',
    scope: 'file',
  },
  'archived-unchecked': {
    title: 'Uploaded into an archive class, where it cannot be checked',
    remedy:
      'Keep your file. This storage keeps no checksum to compare with, and does not let an archived object be read. Choose another storage class for the folder; an admin can restore this object, then press Retry.',
    retry: 'after-user',
    scope: 'file',
  },
  'class-refused': {
    title: 'The storage does not take the storage class of this folder',
    remedy:
      'The recording is safe on this computer. Choose another storage class for the folder, then press Retry.',
    retry: 'after-user',
    scope: 'file',
  },
  'encryption-refused': {
    title: 'The storage cannot encrypt as it is asked to',
    remedy:
      'Your recordings are safe on this computer and wait. Check the encryption and its key in the settings, and ask an admin whether this account may use the key.',
    retry: 'after-user',
    scope: 'storage',
  },
} as const;
