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
}>;

/** Files that nothing but a person brings on. */
export const needsPerson = ({ failed = 0, held = 0 }: Outstanding['counts']): number =>
  failed + held;

/** "May I close the lid?": yes only when every recording that we know of is verified and nothing speaks against it, and why. */
export function safeToLeave(outstanding: Outstanding): Leave {
  const reasons = reasonsToStay(outstanding);
  if (reasons.length > 0)
    return { safeToLeave: false, isUnused: false, reason: `${reasons.join(', ')}.` };
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

function say(number: number, one: string, many: string): string {
  return number === 0 ? '' : `${formatNumber(number)} ${number === 1 ? one : many}`;
}
