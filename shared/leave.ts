import type { JobKind } from './job.ts';
import { count, formatNumber } from './format.ts';

export type Outstanding = Readonly<{
  counts: Readonly<Partial<Record<JobKind, number>>>;
  /** Files in watched folders that are not in the ledger yet, or still being written. */
  unseen: number;
  /** Folders that were not looked through yet since somebody began to follow them, or since they are back. */
  notLooked: number;
  /** Files and folders that cannot be looked at: there may be recordings among them. */
  unreadable: number;
  notConnected: number;
  /** Recordings that count as verified, and that the last audit did not find in the storage as they were sent. */
  refuted: number;
  /** Folders that are followed, connected or not. */
  followed: number;
}>;

export type Leave = Readonly<{
  safeToLeave: boolean;
  /** No folder is followed and no file was ever taken in: "safe" would be said of recordings that nobody looks after. */
  isUnused: boolean;
  reason: string;
  /** What becomes of the recordings if the lid is closed now, and what a person can do; empty where nothing is left. */
  ifLeft: string;
}>;

/** Files that nothing but a person brings on. */
export const needsPerson = ({ failed = 0, held = 0 }: Outstanding['counts']): number =>
  failed + held;

/** "May I close the lid?": yes only when every recording that we know of is verified and nothing speaks against it, and why. @param goesOn Whether what waits is sent by itself. */
export function safeToLeave(outstanding: Outstanding, goesOn = true): Leave {
  const reasons = reasonsToStay(outstanding);
  if (reasons.length > 0)
    return {
      safeToLeave: false,
      isUnused: false,
      reason: `${reasons.join(', ')}.`,
      ifLeft: ifLeftText(outstanding, goesOn),
    };
  const { counts, followed } = outstanding;
  const { verified = 0 } = counts;
  const isUnused = followed === 0 && Object.values(counts).every((files) => files === 0);
  const reason =
    verified === 0
      ? 'There is nothing to upload.'
      : `${count(verified, 'file')} stored and checked, nothing waiting.`;
  return {
    safeToLeave: true,
    isUnused,
    reason: isUnused ? 'No recording on this computer is copied yet.' : reason,
    ifLeft: '',
  };
}

function reasonsToStay(outstanding: Outstanding) {
  const { counts, unseen, notLooked, unreadable, notConnected, refuted } = outstanding;
  const { uploading = 0, verifying = 0, queued = 0, uploaded = 0 } = counts;
  return [
    say(uploading + verifying, 'file is on its way', 'files are on their way'),
    say(queued + uploaded, 'file is waiting', 'files are waiting'),
    say(unseen, 'file is new or still being written', 'files are new or still being written'),
    say(
      notLooked,
      'folder is still being looked through',
      'folders are still being looked through',
    ),
    say(needsPerson(counts), 'file needs you', 'files need you'),
    say(
      refuted,
      'stored recording is missing or changed in the storage',
      'stored recordings are missing or changed in the storage',
    ),
    say(unreadable, 'file or folder cannot be read', 'files or folders cannot be read'),
    say(notConnected, 'folder is not connected', 'folders are not connected'),
  ].filter((reason) => reason !== '');
}

/** Of what there is the most pressing alone: all of it fills the rail, and each has its own words on its page. */
function ifLeftText(outstanding: Outstanding, goesOn: boolean): string {
  const { counts, unseen, notLooked, unreadable, notConnected, refuted } = outstanding;
  const { uploading = 0, verifying = 0, queued = 0, uploaded = 0 } = counts;
  const isToSend = uploading + queued + unseen + notLooked > 0;
  if (refuted > 0) return 'Keep your files of what is missing or changed in the storage.';
  if (isToSend || verifying + uploaded > 0) {
    const what = isToSend
      ? 'what is not stored yet waits on it'
      : 'the check of what is stored waits';
    const until = goesOn ? 'it is open again' : 'uploads go on';
    const first = unseen > 0 ? ' Let a recording end first.' : '';
    return `If you close this computer now, ${what} until ${until}.${first}`;
  }
  if (needsPerson(counts) > 0)
    return 'What needs you stays on this computer, and does not go up by itself.';
  if (unreadable > 0)
    return 'What cannot be read is not copied: check its permissions, or whether another program holds it.';
  return notConnected > 0
    ? 'What is in a folder that is not connected is not copied: connect its disk or share again.'
    : '';
}

function say(number: number, one: string, many: string): string {
  return number === 0 ? '' : `${formatNumber(number)} ${number === 1 ? one : many}`;
}
