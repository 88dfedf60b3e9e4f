/** @file How well the copy of an archive's file is known to be right, and what a look at it says. */
import { z } from 'zod';
import { count, formatBytes, formatDate, formatNumber } from '../format.ts';

/**
 * From the least to the most: `head`, the storage names the object's size and our token · `full`, its
 * checksum of the whole is that of the file, which was read again · `read-back`, it was read whole, and is the file.
 */
export const proofLevels = ['head', 'full', 'read-back'] as const;
export type ProofLevel = (typeof proofLevels)[number];

/** How a file was verified, as a report says it. */
export const levelWords: Readonly<Record<ProofLevel, string>> = {
  'read-back': 'fetched back and compared',
  full: 'by its checksum',
  head: 'by the storage’s word alone',
};

export function isAtLeast(level: ProofLevel, asked: ProofLevel): boolean {
  return proofLevels.indexOf(level) >= proofLevels.indexOf(asked);
}

/** What a verification says of a file. Only `verified` lets anything be done with it. */
export const migrationVerdicts = {
  verified: 'is in the bucket as it was sent',
  pending: 'is not uploaded and verified yet: run the plan again',
  missing: 'is not in the bucket any more',
  differing: 'is in the bucket with other bytes, or is somebody else’s',
  changed: 'has changed here since it was uploaded',
  gone: 'is not here any more',
  unproven: 'has no checksum in this storage: verify at the level read-back',
  archived:
    'is in an archive of the storage, where it cannot be read back: make it readable again first',
  unreadable: 'cannot be looked at',
  denied:
    'may not be looked at in the bucket by this account: an admin has to allow it (s3:GetObject)',
} as const;
export type MigrationVerdict = keyof typeof migrationVerdicts;

/** What a look has found, and which object and bytes it is about. */
export type Finding = Readonly<{
  verdict: MigrationVerdict;
  level: ProofLevel;
  key?: string | undefined;
  sha256?: string | undefined;
}>;
type OnRecord = Readonly<{ [Name in keyof Finding]: Finding[Name] | undefined }> &
  Readonly<{
    /** The object that was read whole and had other bytes, and was not read since. */
    wrongKey?: string | undefined;
  }>;

/**
 * What a look says of an object, by what is on record. One that was read and is wrong may be missing for a while, as
 * when it is deleted and brought back: it is wrong again as soon as it is there, until it is read. Whatever else a
 * look finds, such as no checksum, an archive or no file here, is no reading.
 */
export function asKnown<Seen extends Finding>({ wrongKey }: OnRecord, found: Seen): Seen {
  const isWrong = wrongKey !== undefined && wrongKey === found.key;
  const isRead = found.verdict === 'verified' && found.level === 'read-back';
  if (!isWrong || isRead || found.verdict === 'missing') return found;
  return { ...found, verdict: 'differing', level: 'read-back' };
}

/**
 * Whether what is on record of a file and its object stays, because more was looked at for it: less of a look
 * neither lowers a proof nor clears an object whose bytes were found to be others. One that was read and is
 * wrong is cleared by a reading alone, not by one that could not be made; and a look that was refused clears
 * nothing. Worse news always counts.
 */
export function outranks(known: OnRecord, found: Finding): known is Finding {
  const { verdict, level, key, sha256 } = known;
  if (verdict === undefined || level === undefined) return false;
  if (key === undefined || key !== found.key || sha256 !== found.sha256) return false;
  if (found.verdict === 'denied') return verdict === 'missing' || verdict === 'differing';
  if (verdict === 'differing' && level === 'read-back') {
    const isRead = found.level === level && ['verified', 'differing'].includes(found.verdict);
    return !isRead && found.verdict !== 'missing';
  }
  if (isAtLeast(found.level, level)) return false;
  return verdict === 'differing'
    ? !['missing', 'differing'].includes(found.verdict)
    : verdict === 'verified' && ['verified', 'unproven', 'archived'].includes(found.verdict);
}

/** What a run says of a file that is not as planned. */
export const drifts = {
  changed: 'has changed since it was planned: it is not sent',
  gone: 'is not there any more',
  unreadable: 'cannot be read',
  new: 'came after the plan was made: it is not sent',
} as const;

const { verified: _, ...notProven } = migrationVerdicts;
/** Why a clean-up leaves a file where it is. */
export const keptReasons = {
  ...notProven,
  gone: 'is neither at its place nor in quarantine now: see whether this is the archive’s disk',
  elsewhere: 'is on another disk, or its folder leads out of the archive',
  taken: 'cannot be moved: something else has its name, or its folder’s, there',
  expiring: 'will be deleted from the bucket on some day, by a rule there: change that rule first',
  fixed: 'cannot be moved or deleted: its folder is write-protected, or a program uses it',
} as const;
export type Kept = keyof typeof keptReasons;

/** How long a quarantine is left alone when nobody says otherwise. */
export const QUARANTINE_DAYS = 30;

/** What is asked of each file before the disk is freed of it. */
export const cleanupLevels = ['full', 'read-back'] as const satisfies readonly ProofLevel[];
export type CleanupLevel = (typeof cleanupLevels)[number];

/** How many files of a back-up are compared when nobody says. */
export const BACKUP_SAMPLE = 100;

export const reportFormats = ['html', 'csv', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Media Hash List 1.1, one file; ASC MHL 2.0, a folder. */
export const hashListFormats = ['mhl', 'ascmhl'] as const;
export type HashListFormat = (typeof hashListFormats)[number];
/** The hashes that such lists know. SHA-256 is none of them: https://github.com/ascmitc/mhl/issues/142 */
export const hashKinds = ['xxh64', 'md5', 'sha1'] as const;
export type HashKind = (typeof hashKinds)[number];

/** Why a file of a plan is not in a hash list. */
export const unlisted = {
  changed: migrationVerdicts.changed,
  gone: migrationVerdicts.gone,
  unreadable: migrationVerdicts.unreadable,
  'not-verified': 'is not verified: run the plan, then verify',
  'was-away':
    'was not here, or could not be read, at the last look: see whether this is the archive’s disk, then verify again',
  deleted: 'was deleted here after proof: there is nothing to read any more',
  name: 'has a name that XML cannot hold',
} as const;
export type Unlisted = keyof typeof unlisted;

/**
 * Where a file of an archive is. Each step is written down before it is taken: what ends in -ing has been
 * begun, and the disk tells whether it was done.
 */
export type FilePlace = 'here' | 'moving' | 'quarantined' | 'removing' | 'removed';

export const placeWords: Readonly<Record<FilePlace, string>> = {
  here: 'at its place',
  moving: 'being moved',
  quarantined: 'in quarantine',
  removing: 'being deleted',
  removed: 'deleted after proof',
};

/** Who says that there is a back-up. */
export const vouchedBy = z.string().trim().min(1).max(200);

/** What is on record of the archive's back-up: compared by hash, in part, or only said by somebody. */
export const backup = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('compared'),
    path: z.string(),
    compared: z.int(),
    same: z.int(),
    bytes: z.int(),
    atMs: z.int(),
  }),
  z.object({ kind: z.literal('said'), by: z.string(), atMs: z.int() }),
]);
export type Backup = z.infer<typeof backup>;

/** @param timeZone Of its day; the reader's unless told. */
export function backupText(made: Backup | undefined, timeZone?: string): string {
  if (made === undefined) return 'No back-up is on record.';
  const day = formatDate(made.atMs, timeZone);
  if (made.kind === 'said')
    return `Back-up on record since ${day}, without a look at it: ${made.by}.`;
  const { path, compared, same, bytes } = made;
  return `Back-up in ${path}: ${formatNumber(same)} of ${count(compared, 'file')} that were chosen by chance are the same there (${formatBytes(bytes)} compared on ${day}).`;
}

export const sum = z.strictObject({ files: z.int(), bytes: z.int() });
export type Sum = z.infer<typeof sum>;

export const noFiles = (): Sum => ({ files: 0, bytes: 0 });

export function addTo(total: Sum, { sizeBytes }: Readonly<{ sizeBytes: number }>): void {
  total.files += 1;
  total.bytes += sizeBytes;
}
