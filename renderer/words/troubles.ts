/**
 * @file Troubles as a window tells them: what happened (the catalogue's title), whether the recording is
 * safe, what to do. The catalogue's own remedies name variables and verbs of the command line.
 */
import type { JobTrouble } from '#shared/api.ts';
import { catalogue } from '#shared/catalogue.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { holds } from '#shared/holds.ts';
import type { HoldReason } from '#shared/job.ts';
import { NotAnswering } from '../api.ts';

export type Telling = Readonly<{
  title: string;
  safe: string;
  todo: string;
  /** What exactly is in the way, such as a setting by its name. */
  what?: string | undefined;
  /** For the folded part: what an admin wants to read. */
  detail?: string | undefined;
  /** It passes by itself: grey with a clock, never red. */
  isWaiting?: boolean;
  /** Where the way on starts. */
  goTo?: 'settings' | 'library';
}>;

const HERE = 'Your recordings are safe on this computer.';
const ONE_HERE = 'The recording is safe on this computer.';
const NOTHING_LOST = 'Nothing was changed.';

type Way = Pick<Telling, 'safe' | 'todo' | 'goTo'>;

const ways: Record<ErrorCode, Way> = {
  offline: { safe: HERE, todo: 'Check the network. Uploads go on by themselves.' },
  'proxy-refused': {
    safe: HERE,
    todo: 'The proxy may ask for a name and password: ask your IT team for its full address. Uploads go on by themselves.',
  },
  'not-storage': {
    safe: HERE,
    todo: 'This network may ask you to sign in first: open a browser, then wait.',
  },
  'untrusted-connection': {
    safe: `${HERE} Nothing was sent.`,
    todo: 'Ask your IT team about the certificate of the storage.',
  },
  busy: { safe: HERE, todo: 'Nothing. It is sent again by itself.' },
  'server-error': { safe: ONE_HERE, todo: 'Nothing. It is sent again by itself.' },
  'credentials-missing': {
    safe: HERE,
    todo: 'Choose a profile or enter keys in Settings.',
    goTo: 'settings',
  },
  'wrong-access-key': { safe: HERE, todo: 'Check the access key in Settings.', goTo: 'settings' },
  'wrong-secret': {
    safe: HERE,
    todo: 'Check the secret key in Settings for a typing mistake.',
    goTo: 'settings',
  },
  'sign-in-expired': { safe: HERE, todo: 'Sign in again. Uploads go on where they stopped.' },
  'access-denied': {
    safe: HERE,
    todo: 'Check bucket and region in Settings, or ask an admin to allow this.',
    goTo: 'settings',
  },
  'no-bucket': {
    safe: HERE,
    todo: 'Check the bucket name and the endpoint in Settings.',
    goTo: 'settings',
  },
  'wrong-region': { safe: HERE, todo: 'Correct the region in Settings.', goTo: 'settings' },
  'clock-skew': { safe: HERE, todo: 'Turn on automatic date and time on this computer.' },
  'no-object': {
    safe: NOTHING_LOST,
    todo: 'It was deleted or moved. Look for it in the Library.',
    goTo: 'library',
  },
  'object-archived': {
    safe: 'It is safe in the storage.',
    todo: 'Ask an admin to restore it from the archive, then try again.',
  },
  'archived-unchecked': {
    safe: `${ONE_HERE} Keep it there.`,
    todo: 'Choose another storage class for its folder. Once an admin has restored the copy, press Retry.',
    goTo: 'settings',
  },
  'class-refused': {
    safe: ONE_HERE,
    todo: 'Choose another storage class for its folder, then press Retry.',
    goTo: 'settings',
  },
  'encryption-refused': {
    safe: HERE,
    todo: 'Check the encryption in Settings, and ask an admin whether this account may use its key.',
    goTo: 'settings',
  },
  'too-large': { safe: ONE_HERE, todo: 'Split it, or ask an admin about the limit.' },
  'damaged-in-transit': {
    safe: `${ONE_HERE} Nothing damaged was stored.`,
    todo: 'Nothing. It is sent again.',
  },
  'damaged-copy': { safe: ONE_HERE, todo: 'Nothing. It is uploaded again under a new name.' },
  'cannot-verify': {
    safe: `${ONE_HERE} Keep it there.`,
    todo: 'Ask an admin to allow reading objects, then press Retry.',
  },
  'key-taken': {
    safe: `${ONE_HERE} Nothing was overwritten.`,
    todo: 'Nothing. It is uploaded under a new id.',
  },
  'upload-gone': { safe: ONE_HERE, todo: 'Nothing. The upload starts over.' },
  'not-visible-yet': { safe: ONE_HERE, todo: 'Nothing. The storage is asked again by itself.' },
  'not-supported': { safe: ONE_HERE, todo: 'Show the details to an admin.' },
  'request-refused': { safe: ONE_HERE, todo: 'Show the details to an admin, then try again.' },
  'file-changed': { safe: ONE_HERE, todo: 'Nothing. The newer version goes up when it is stable.' },
  'folder-away': {
    safe: 'Nothing counts as deleted meanwhile.',
    todo: 'Connect its disk or share again. It goes on by itself.',
  },
  'file-away': {
    safe: 'It may have been moved or renamed.',
    todo: 'Nothing yet. It is looked for again.',
  },
  'file-gone': {
    safe: 'We cannot tell whether it is safe: it is not there any more.',
    todo: 'Put it back, or look in the trash. It is picked up by itself.',
  },
  'no-file': { safe: NOTHING_LOST, todo: 'Check where the file is.' },
  'file-unreadable': {
    safe: 'It stays where it is.',
    todo: 'Check its permissions, or whether another program holds it.',
  },
  'disk-error': {
    safe: 'It may be at risk: the disk reports errors.',
    todo: 'Copy the recording to another disk soon, then press Retry.',
  },
  'not-a-file': { safe: NOTHING_LOST, todo: 'Choose the recording itself, not a folder or link.' },
  'empty-file': {
    safe: 'There is nothing in it. It stays where it is.',
    todo: 'Check the recorder.',
  },
  'download-exists': {
    safe: 'The existing file was not touched.',
    todo: 'Choose another name.',
  },
  'damaged-download': {
    safe: 'The stored recording was not changed, and nothing was put in place here.',
    todo: 'Try again. If it happens again, show the details to an admin.',
  },
  'cannot-write': {
    safe: 'It is safe in the storage.',
    todo: 'Check the folder, its permissions and the free space, then try again.',
  },
  'bad-id': {
    safe: NOTHING_LOST,
    todo: 'Use letters, digits, dot, dash and underscore, starting with a letter or digit.',
  },
  'bad-folder': {
    safe: NOTHING_LOST,
    todo: 'Choose an existing folder that is not inside another watched folder.',
  },
  'settings-missing': {
    safe: HERE,
    todo: 'Add it in Settings, or in the environment or .env file.',
    goTo: 'settings',
  },
  'settings-wrong': {
    safe: HERE,
    todo: 'Correct it in Settings, or in the environment or .env file that sets it.',
    goTo: 'settings',
  },
  usage: { safe: NOTHING_LOST, todo: 'Check what was entered, then try again.' },
  'home-locked': {
    safe: `${HERE} The other one goes on uploading.`,
    todo: 'Use that one, or close it and open this window again.',
  },
  'home-newer': { safe: `${HERE} ${NOTHING_LOST}`, todo: 'Update Pan-Sea Sync.' },
  'home-unusable': {
    safe: `${HERE} ${NOTHING_LOST}`,
    todo: 'Check the permissions and the free space of the folder in the details.',
  },
  'home-damaged': {
    safe: `${HERE} No recording is deleted.`,
    todo: 'Close Pan-Sea Sync and start it again. It makes a new list from your folders and the storage.',
  },
  'disk-full': {
    safe: `${HERE} New ones wait, and uploads go on.`,
    todo: 'Free some space on this computer’s disk. It goes on by itself.',
  },
  'home-not-local': {
    safe: `${HERE} ${NOTHING_LOST}`,
    todo: 'Ask your IT team to keep the app’s own folder on this computer, not on a network drive.',
  },
  'cannot-list': {
    safe: HERE,
    todo: 'Ask an admin to allow listing the bucket (s3:ListBucket). Nothing is sent before, so that nothing is stored twice.',
  },
  'list-denied': {
    safe: NOTHING_LOST,
    todo: 'Ask an admin to allow listing the bucket (s3:ListBucket).',
  },
  'object-missing': {
    safe: ONE_HERE,
    todo: 'Press Retry to send it again, or leave it if it was removed on purpose.',
  },
  unexpected: { safe: HERE, todo: 'Try again. The log has the details.' },
};

/** Titles that would speak of the command line. */
const titles: Partial<Record<ErrorCode, string>> = {
  usage: 'This could not be done as entered',
  'no-object': 'This recording is no longer in the storage',
};

/** Their detail is the trouble itself. */
const named: ReadonlySet<ErrorCode> = new Set(['settings-missing', 'settings-wrong']);

export function tell(code: ErrorCode, detail?: string | null): Telling {
  const { title, retry } = catalogue[code];
  const isWaiting = retry !== 'after-user';
  const more = detail ?? undefined;
  return {
    title: titles[code] ?? title,
    ...ways[code],
    isWaiting,
    ...(named.has(code) ? { what: more } : { detail: more }),
  };
}

/** The settings by the names of their fields: what the engine names is a variable. */
const fields: Readonly<Record<string, string>> = {
  AWS_S3_BUCKET: 'Bucket',
  AWS_REGION: 'Region',
  AWS_S3_ENDPOINT_URL: 'Endpoint',
  AWS_PROFILE: 'Profile',
  AWS_ACCESS_KEY_ID: 'Access key',
  AWS_SECRET_ACCESS_KEY: 'Secret key',
};

/** What an engine says to an admin, with a window's names. */
export function inWindow(detail: string): string {
  return detail.replaceAll(/\bAWS_[A-Z0-9_]+\b/g, (name) => fields[name] ?? name);
}

/** Any failure of a call. */
export function tellError(error: unknown): Telling {
  if (error instanceof AppError) {
    const isNews = error.message !== error.title;
    return tell(error.code, isNews ? inWindow(error.message) : undefined);
  }
  if (error instanceof NotAnswering)
    return error.why === 'silent'
      ? {
          title: 'Pan-Sea Sync is not answering',
          safe: HERE,
          todo: 'Start it again if it was closed. This window finds it by itself.',
          isWaiting: true,
        }
      : {
          title: 'This window is no longer connected',
          safe: HERE,
          todo: 'Close this window and open it again from Pan-Sea Sync.',
        };
  return tell('unexpected', error instanceof Error ? error.message : undefined);
}

/** What a job waits for; a reason to hold it is nobody's failure. */
export function tellJob({ code }: Pick<JobTrouble, 'code'>): Telling {
  if (!isHold(code)) return tell(code);
  return code === 'needs-class' ? { ...holds[code], goTo: 'settings' } : holds[code];
}

function isHold(code: JobTrouble['code']): code is HoldReason {
  return Object.hasOwn(holds, code);
}
