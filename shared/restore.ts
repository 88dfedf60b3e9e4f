/**
 * @file What lies in an archive of the storage, and how it is made readable again. Hours and prices are those
 * of the S3 user guide, "Understanding archive retrieval options" and "Working with archived objects"; other
 * storages that take the same names have their own.
 */
import { z } from 'zod';

/** By S3's own names: two storage classes, and the two archive tiers of Intelligent-Tiering. */
const archives = ['GLACIER', 'DEEP_ARCHIVE', 'ARCHIVE_ACCESS', 'DEEP_ARCHIVE_ACCESS'] as const;
export type Archive = (typeof archives)[number];

const archive = z.enum(archives);

/**
 * Whether an object can be read now. `restored`: a copy can be read until then, in Unix milliseconds by the
 * storage's clock; the original stays in its archive.
 */
export const readability = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('readable') }),
  z.object({ kind: z.literal('archived'), archive }),
  z.object({ kind: z.literal('restoring'), archive }),
  z.object({ kind: z.literal('restored'), archive, untilMs: z.int() }),
]);
export type Readability = z.output<typeof readability>;

export const isOpen = ({ kind }: Readability): boolean =>
  kind === 'readable' || kind === 'restored';

/**
 * What HEAD says of it.
 *
 * @param restore `x-amz-restore`: whether a restore is under way, and else when its copy ends. What has come
 *   back into use for good, as out of Intelligent-Tiering, names no end.
 */
export function readabilityOf(
  storageClass: string | undefined,
  archiveStatus: string | undefined,
  restore = '',
): Readability {
  const place = archiveOf(storageClass, archiveStatus);
  if (place === undefined) return { kind: 'readable' };
  if (restore.includes('ongoing-request="true"')) return { kind: 'restoring', archive: place };
  if (!restore.includes('ongoing-request="false"')) return { kind: 'archived', archive: place };
  const untilMs = Date.parse(/expiry-date="([^"]*)"/.exec(restore)?.[1] ?? '');
  return Number.isNaN(untilMs)
    ? { kind: 'readable' }
    : { kind: 'restored', archive: place, untilMs };
}

/** The archive that an object is in by its names; `undefined` for none. One that nobody here knows counts as slow. */
export function archiveOf(
  storageClass: string | null | undefined,
  archiveStatus?: string,
): Archive | undefined {
  const named = archiveStatus ?? storageClass;
  const known = archives.find((one) => one === named);
  return known ?? (archiveStatus === undefined ? undefined : 'DEEP_ARCHIVE_ACCESS');
}

export const restoreSpeeds = ['standard', 'bulk', 'expedited'] as const;
export type RestoreSpeed = (typeof restoreSpeeds)[number];

type Terms = Readonly<{
  /** How long it usually takes; a speed that is not there is not offered. */
  speeds: Readonly<Partial<Record<RestoreSpeed, string>>>;
  /** From the fastest of the usual two to the slower one. */
  range: string;
  /** Whether what is restored is a copy that ends, and not the object itself. */
  isCopy: boolean;
  /** What fetching it costs nothing at. */
  free: readonly RestoreSpeed[];
}>;

const flexible = {
  speeds: {
    standard: '3 to 5 hours',
    bulk: '5 to 12 hours',
    expedited: '1 to 5 minutes; longer from 250 MB on',
  },
  range: '3 to 12 hours',
} as const;
const deep = {
  speeds: { standard: 'within 12 hours', bulk: 'within 48 hours' },
  range: '12 to 48 hours',
} as const;

export const archiveTerms: Record<Archive, Terms> = {
  GLACIER: { ...flexible, isCopy: true, free: ['bulk'] },
  DEEP_ARCHIVE: { ...deep, isCopy: true, free: [] },
  ARCHIVE_ACCESS: { ...flexible, isCopy: false, free: ['standard', 'bulk'] },
  DEEP_ARCHIVE_ACCESS: { ...deep, isCopy: false, free: ['standard', 'bulk'] },
};

/** For how many days a copy may be asked for here, and for how many it is unless said. S3 names no most. */
export const MAX_RESTORE_DAYS = 365;
export const USUAL_RESTORE_DAYS = 7;

/**
 * Who pays for what, a sentence each.
 *
 * @param isHere Its copy can be read already, and is only to stay.
 */
export function restoreCosts(place: Archive, speed: RestoreSpeed, isHere = false): string[] {
  const { isCopy, free } = archiveTerms[place];
  return [
    'Whoever pays for the storage pays for this too.',
    free.includes(speed) || isHere
      ? isHere
        ? 'On Amazon S3, nothing is fetched anew: only the request costs.'
        : 'On Amazon S3, fetching it at this speed is free.'
      : 'On Amazon S3, fetching it costs by its size, and more the faster it is.',
    isCopy
      ? 'The readable copy is paid for beside the archived recording for as long as it is kept.'
      : 'It is paid for as one in use from then on, until it has not been opened for months.',
  ];
}
