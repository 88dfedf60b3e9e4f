/**
 * @file Everything that can be expected to go wrong, as one table. Each row says what happened
 * (`title`), what to do (`remedy`, which also says whether the recording is safe), how the queue goes
 * on (`retry`) and whether the trouble is this file's or the whole storage's (`scope`).
 *
 * retry: `backoff` by itself, later · `after-user` a person has to act first · `superseded` a newer
 * version of the file takes over · `restart` from the first byte, same key · `new-key` from the first
 * byte under a new key, since the old key cannot be trusted.
 */
import { homeTroubles } from './home-troubles.ts';
import { keepingTroubles } from './keeping-troubles.ts';

export type Trouble = Readonly<{
  title: string;
  remedy: string;
  retry: 'backoff' | 'after-user' | 'superseded' | 'restart' | 'new-key';
  scope: 'file' | 'storage' | 'usage' | 'home';
}>;

export const catalogue = {
  offline: {
    title: 'The storage cannot be reached',
    remedy:
      'Your recordings are safe on this computer. Check the network and the endpoint address; uploads go on by themselves.',
    retry: 'backoff',
    scope: 'storage',
  },
  'not-storage': {
    title: 'Something other than the storage answered',
    remedy:
      'Your recordings are safe on this computer. This network may ask you to sign in first: open a browser, then wait.',
    retry: 'backoff',
    scope: 'storage',
  },
  'proxy-refused': {
    title: 'The proxy of this network did not let the connection through',
    remedy:
      'Your recordings are safe on this computer and go on by themselves once it does. The proxy may ask for a name and password: give them in HTTPS_PROXY, or ask your IT team.',
    retry: 'backoff',
    scope: 'storage',
  },
  'untrusted-connection': {
    title: 'The connection to the storage is not private',
    remedy: 'Nothing was sent. Ask your IT team about the certificate of the endpoint.',
    retry: 'after-user',
    scope: 'storage',
  },
  busy: {
    title: 'The storage is busy',
    remedy: 'Nothing to do. The recording is safe on this computer and is sent again by itself.',
    retry: 'backoff',
    scope: 'storage',
  },
  'server-error': {
    title: 'The storage reported an error of its own',
    remedy: 'Nothing to do. The recording is safe on this computer and is sent again by itself.',
    retry: 'backoff',
    scope: 'file',
  },
  'credentials-missing': {
    title: 'There are no keys to sign in with',
    remedy:
      'Enter keys or choose a profile in the settings. Your recordings are safe on this computer and wait.',
    retry: 'after-user',
    scope: 'storage',
  },
  'wrong-access-key': {
    title: 'The storage does not know this access key',
    remedy: 'Check the access key. Your recordings are safe on this computer and wait.',
    retry: 'after-user',
    scope: 'storage',
  },
  'wrong-secret': {
    title: 'The storage refused the signature',
    remedy:
      'Check the secret key for a typing mistake. Your recordings are safe on this computer and wait.',
    retry: 'after-user',
    scope: 'storage',
  },
  'sign-in-expired': {
    title: 'Your sign-in has expired',
    remedy: 'Sign in again. Uploads continue where they stopped.',
    retry: 'after-user',
    scope: 'storage',
  },
  'access-denied': {
    title: 'The storage refused this account',
    remedy:
      'Check the bucket name and region, and ask an admin whether the policy allows this action. Your recordings are safe on this computer and wait.',
    retry: 'after-user',
    scope: 'file',
  },
  'no-bucket': {
    title: 'The bucket does not exist',
    remedy:
      'Check the bucket’s name and the endpoint. Your recordings are safe on this computer and wait.',
    retry: 'after-user',
    scope: 'storage',
  },
  'wrong-region': {
    title: 'The bucket is in another region',
    remedy: 'Correct the region: the details name the right one.',
    retry: 'after-user',
    scope: 'storage',
  },
  'clock-skew': {
    title: 'This computer’s clock is wrong',
    remedy: 'Turn on automatic date and time. Your recordings are safe on this computer and wait.',
    retry: 'after-user',
    scope: 'storage',
  },
  'no-object': {
    title: 'There is no such object in the bucket',
    remedy: 'Check the key. The object may have been deleted.',
    retry: 'after-user',
    scope: 'file',
  },
  'too-large': {
    title: 'The file is larger than the storage accepts',
    remedy: 'The recording stays on this computer. Split it, or ask an admin about the limit.',
    retry: 'after-user',
    scope: 'file',
  },
  'damaged-in-transit': {
    title: 'A part arrived damaged and was refused',
    remedy: 'Nothing to do. It is sent again; nothing damaged was stored.',
    retry: 'backoff',
    scope: 'file',
  },
  'damaged-copy': {
    title: 'The uploaded copy differs from your file',
    remedy: 'Nothing to do. Your file is kept and is uploaded again under a new key.',
    retry: 'new-key',
    scope: 'file',
  },
  'cannot-verify': {
    title: 'Uploaded, but the storage does not let us check it',
    remedy: 'Keep your file. Ask an admin to allow s3:GetObject, then press Retry.',
    retry: 'after-user',
    scope: 'file',
  },
  'key-taken': {
    title: 'An object with this id exists already',
    remedy: 'Nothing to do. Nothing was overwritten; the recording is uploaded under a new id.',
    retry: 'new-key',
    scope: 'file',
  },
  'upload-gone': {
    title: 'The storage dropped an unfinished upload',
    remedy: 'Nothing to do. The upload starts over.',
    retry: 'restart',
    scope: 'file',
  },
  'not-visible-yet': {
    title: 'The uploaded copy does not show in the storage yet',
    remedy: 'Nothing to do. Your file is kept, and the storage is asked again by itself.',
    retry: 'backoff',
    scope: 'file',
  },
  'not-supported': {
    title: 'This storage cannot do that',
    remedy: 'The recording is safe on this computer. Show the details to an admin.',
    retry: 'after-user',
    scope: 'file',
  },
  'request-refused': {
    title: 'The storage refused the request',
    remedy: 'The recording is safe on this computer. Show the details to an admin, then try again.',
    retry: 'after-user',
    scope: 'file',
  },
  'file-changed': {
    title: 'The file changed while it was being uploaded',
    remedy: 'Nothing to do. The newer version is uploaded when it is stable.',
    retry: 'superseded',
    scope: 'file',
  },
  'folder-away': {
    title: 'The folder or disk of this file is not connected',
    remedy: 'Connect it again. Nothing counts as deleted meanwhile; the upload goes on by itself.',
    retry: 'backoff',
    scope: 'file',
  },
  'file-away': {
    title: 'The file is not where it was',
    remedy: 'Nothing to do yet. It is looked for again; if it was moved or renamed, it is found.',
    retry: 'backoff',
    scope: 'file',
  },
  'file-gone': {
    title: 'The file was moved or deleted before it was uploaded',
    remedy:
      'Put it back at the path shown, or look for it in the trash. It is picked up by itself.',
    retry: 'after-user',
    scope: 'file',
  },
  'no-file': {
    title: 'There is no such file',
    remedy: 'Check the path. Nothing was uploaded.',
    retry: 'after-user',
    scope: 'file',
  },
  'file-unreadable': {
    title: 'The file cannot be read',
    remedy:
      'It stays where it is and is tried again by itself. Check its permissions, or whether another program holds it.',
    retry: 'backoff',
    scope: 'file',
  },
  'disk-error': {
    title: 'The disk reported an error while reading the file',
    remedy: 'Copy the recording to another disk soon, then try again.',
    retry: 'after-user',
    scope: 'file',
  },
  'not-a-file': {
    title: 'This is not a regular file',
    remedy:
      'Only regular files are uploaded. Choose the recording itself, not a folder, link or device.',
    retry: 'after-user',
    scope: 'file',
  },
  'empty-file': {
    title: 'The file is empty (0 bytes)',
    remedy: 'Check the recorder. The file stays where it is and nothing was uploaded.',
    retry: 'after-user',
    scope: 'file',
  },
  'download-exists': {
    title: 'A file of that name is there already',
    remedy: 'Choose another name. The existing file was not touched.',
    retry: 'after-user',
    scope: 'file',
  },
  'damaged-download': {
    title: 'The downloaded bytes do not match what was uploaded',
    remedy:
      'Nothing was put in place. Try again; if it happens again, show the details to an admin.',
    retry: 'after-user',
    scope: 'file',
  },
  'cannot-write': {
    title: 'The file cannot be written here',
    remedy: 'Check the folder, its permissions and the free space, then try again.',
    retry: 'after-user',
    scope: 'file',
  },
  'bad-id': {
    title: 'This class or user id is not allowed',
    remedy:
      'Use letters, digits, dot, dash and underscore, starting with a letter or digit, at most 128.',
    retry: 'after-user',
    scope: 'usage',
  },
  'bad-folder': {
    title: 'This folder cannot be watched',
    remedy:
      'Choose an existing folder that is not inside another watched folder and does not hold the app’s own data.',
    retry: 'after-user',
    scope: 'usage',
  },
  'settings-missing': {
    title: 'A setting is missing',
    remedy: 'Add it in the settings.',
    retry: 'after-user',
    scope: 'usage',
  },
  'settings-wrong': {
    title: 'A setting is not valid',
    remedy: 'Correct it in the settings.',
    retry: 'after-user',
    scope: 'usage',
  },
  usage: {
    title: 'The command was not understood',
    remedy: 'Check what was asked for, then try again.',
    retry: 'after-user',
    scope: 'usage',
  },
  ...keepingTroubles,
  ...homeTroubles,
  unexpected: {
    title: 'Something went wrong inside Pan-Sea Sync',
    remedy:
      'Your recordings are safe on this computer. It is tried again; the log has the details.',
    retry: 'backoff',
    scope: 'file',
  },
} as const satisfies Record<string, Trouble>;
