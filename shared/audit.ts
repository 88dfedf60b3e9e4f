/** @file What an audit may say of a recording, in marks for programs and words for people. */
import { z } from 'zod';
import { count, formatNumber } from './format.ts';
import { DAY_MS } from './time.ts';

/**
 * `list`: what one listing tells, sizes only. `head`: also each object's own answer: token, size, checksum.
 * `full`: also every byte on this computer read again, and on the storage where it keeps no checksum.
 */
export const auditLevels = ['list', 'head', 'full'] as const;
export type AuditLevel = (typeof auditLevels)[number];

/** As `rclone check --combined`: `=` same, `-` only here, `+` only in the storage, `*` differs, `!` could not be told. */
export type Verdict = '=' | '-' | '+' | '*' | '!';

export const auditReasons = {
  equal: { verdict: '=', title: 'Here and in the storage, the same', todo: '' },
  'missing-in-bucket': {
    verdict: '-',
    title: 'Was stored, and is not in the storage any more',
    todo: 'Keep the file. Ask an admin who removed the object; uploading it again stores it anew.',
  },
  'not-uploaded': {
    verdict: '-',
    title: 'Not stored yet',
    todo: 'It is in the queue, which says what it waits for.',
  },
  'not-in-ledger': {
    verdict: '-',
    title: 'Not taken in yet',
    todo: 'It goes up with the next look at its folder.',
  },
  'missing-on-disk': {
    verdict: '+',
    title: 'In the storage, no longer on this computer',
    todo: 'Nothing to do if it was moved or freed: the Library downloads it again.',
  },
  'older-version': {
    verdict: '+',
    title: 'In the storage, an earlier version of a file here',
    todo: 'Nothing to do: the newer version has an object of its own.',
  },
  'only-in-bucket': {
    verdict: '+',
    title: 'In the storage, from somewhere else',
    todo: 'Nothing to do: another computer or program stored it.',
  },
  'changed-on-disk': {
    verdict: '*',
    title: 'The file here has changed since it was stored',
    todo: 'Nothing to do if it was edited: the new version goes up. Otherwise keep both.',
  },
  'differs-in-bucket': {
    verdict: '*',
    title: 'The object in the storage is not what was sent',
    todo: 'Keep the file, and show this to an admin.',
  },
  'missing-everywhere': {
    verdict: '!',
    title: 'Neither here nor in the storage',
    todo: 'Look for the file in the trash and in backups, and ask an admin about the object, soon.',
  },
  unreadable: {
    verdict: '!',
    title: 'Could not be looked at',
    todo: 'Check the permissions of the file, then audit again.',
  },
  archived: {
    verdict: '!',
    title: 'In an archive of the storage, where it could not be read back',
    todo: 'It is there. Make it readable again in the Library, then audit again.',
  },
  'not-connected': {
    verdict: '!',
    title: 'Its folder is not connected',
    todo: 'Connect the drive, then audit again.',
  },
} as const satisfies Record<string, { verdict: Verdict; title: string; todo: string }>;
export type AuditReason = keyof typeof auditReasons;
export const auditReasonNames = Object.keys(auditReasons) as [AuditReason, ...AuditReason[]];

export const auditTotals = z.partialRecord(z.enum(auditReasonNames), z.int());
export type AuditTotals = z.output<typeof auditTotals>;

/** What speaks against a recording that counts as stored and checked. */
export const refutedReasons = [
  'missing-in-bucket',
  'missing-everywhere',
  'differs-in-bucket',
] as const satisfies readonly AuditReason[];
export type RefutedReason = (typeof refutedReasons)[number];

export const isRefuted = (reason: AuditReason): reason is RefutedReason =>
  refutedReasons.some((refuting) => refuting === reason);

/** What a person may decide about each: what is nowhere cannot be sent, and nobody damages a copy on purpose. */
export const waysOn: Record<RefutedReason, Readonly<{ again: boolean; onPurpose: boolean }>> = {
  'missing-in-bucket': { again: true, onPurpose: true },
  'missing-everywhere': { again: false, onPurpose: true },
  'differs-in-bucket': { again: true, onPurpose: false },
};

/** How many recordings count as stored against what an audit found of them. */
export const refuted = z.partialRecord(z.enum(refutedReasons), z.int());
export type Refuted = z.output<typeof refuted>;
export const countRefuted = (by: Refuted): number =>
  Object.values(by).reduce((sum, files) => sum + files, 0);

/** How often the storage is compared with the list by itself. */
export const auditPeriods = ['week', 'month', 'off'] as const;
export type AuditPeriod = (typeof auditPeriods)[number];
export const auditPeriodMs = { week: 7 * DAY_MS, month: 30 * DAY_MS } as const satisfies Record<
  Exclude<AuditPeriod, 'off'>,
  number
>;

/** While it is set by itself, and the storage is another one than before. */
export const NOT_COMPARED_HERE =
  'Your recordings were stored while another storage was set. This one is compared by itself once you have run an audit here.';

/** What a storage names in one answer to a request. */
const NAMED_AT_ONCE = 1_000;

/** What one of them asks for. @param isListed Of all in the storage, else of what was stored from here alone. */
export function askedText({
  objects,
  isListed,
}: Readonly<{ objects: number; isListed: boolean }>): string {
  const requests = count(Math.max(1, Math.ceil(objects / NAMED_AT_ONCE)), 'request');
  return isListed
    ? `about ${requests} for ${count(objects, 'object')}`
    : `at least ${requests} for ${count(objects, 'recording')} from here`;
}

/** How many recordings an audit has found in the storage, whatever has become of their files. */
export const countThere = (totals: AuditTotals): number =>
  (['equal', 'missing-on-disk', 'older-version', 'changed-on-disk'] as const).reduce(
    (sum, reason) => sum + (totals[reason] ?? 0),
    0,
  );

/** So many objects do not go one by one, by a person's hand in the window. */
const MASS_LOSS = 10;

/** What makes an alarm of an audit: `undefined` while nothing does. */
export function auditAlarm(totals: AuditTotals): string | undefined {
  const gone = (totals['missing-in-bucket'] ?? 0) + (totals['missing-everywhere'] ?? 0);
  const there =
    (totals.equal ?? 0) + (totals['missing-on-disk'] ?? 0) + (totals['differs-in-bucket'] ?? 0);
  if (gone < MASS_LOSS && (gone < 2 || there > 0)) return undefined;
  return `${count(gone, 'stored recording')} are no longer in the storage. Delete nothing on this computer, and ask an admin what happened.`;
}

/** The whole in one sentence. */
export function auditSummary(totals: AuditTotals): string {
  const parts = auditReasonNames.flatMap((reason) => {
    const number = totals[reason] ?? 0;
    return number === 0 ? [] : `${formatNumber(number)} ${short[reason]}`;
  });
  return parts.length === 0 ? 'There is nothing to compare.' : `${parts.join(', ')}.`;
}

const short: Record<AuditReason, string> = {
  equal: 'the same here and in the storage',
  'missing-in-bucket': 'missing in the storage',
  'not-uploaded': 'not stored yet',
  'not-in-ledger': 'not taken in yet',
  'missing-on-disk': 'only in the storage, no longer here',
  'older-version': 'earlier versions in the storage',
  'only-in-bucket': 'in the storage from elsewhere',
  'changed-on-disk': 'changed here since',
  'differs-in-bucket': 'different in the storage',
  'missing-everywhere': 'in neither place',
  unreadable: 'that could not be looked at',
  archived: 'in an archive, that could not be read back',
  'not-connected': 'in folders that are not connected',
};

/** Whether somebody has to look: anything but equal, freed, or stored by others. */
export function needsLook(reason: AuditReason): boolean {
  return !['=', '+'].includes(auditReasons[reason].verdict);
}
