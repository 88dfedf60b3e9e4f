/**
 * @file The storage classes of a folder's rule, and what each costs beside its price. The figures are those
 * of the S3 user guide, "Understanding and managing Amazon S3 storage classes"; other storages that take the
 * same names have their own.
 */
import { count } from './format.ts';

export const storageClasses = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;
export type StorageClass = (typeof storageClasses)[number];

type Terms = Readonly<{
  /** As a choice, in a few words. */
  title: string;
  /** Whoever deletes sooner pays for so many days all the same; 0 for none. */
  minDays: number;
  /** What opening a recording takes, where it is not simply there. */
  retrieval: string | undefined;
  /** What else has to be said. */
  warning: string | undefined;
}>;

const ARCHIVED =
  'Links and downloads do not work until the recording has been made readable again. Where the storage keeps no checksum, the copy cannot be checked: it cannot be read back.';

export const storageClassTerms: Record<StorageClass, Terms> = {
  STANDARD: {
    title: 'For recordings in use',
    minDays: 0,
    retrieval: undefined,
    warning: undefined,
  },
  STANDARD_IA: {
    title: 'Seldom opened, there at once',
    minDays: 30,
    retrieval: 'Each opening costs by its size.',
    warning: undefined,
  },
  ONEZONE_IA: {
    title: 'Seldom opened, kept in one place only',
    minDays: 30,
    retrieval: 'Each opening costs by its size.',
    warning:
      'It is kept in one data centre: if that is lost, so is the recording. Not for what cannot be recorded again.',
  },
  INTELLIGENT_TIERING: {
    title: 'The storage decides by use',
    minDays: 0,
    retrieval: 'A small fee a month for each recording, none for opening it.',
    warning: undefined,
  },
  GLACIER_IR: {
    title: 'Archive, there at once',
    minDays: 90,
    retrieval:
      'Each opening costs by its size, more than the other classes that are there at once.',
    warning: undefined,
  },
  GLACIER: {
    title: 'Archive, after minutes to hours',
    minDays: 90,
    retrieval: 'Restoring takes minutes to 12 hours, and costs.',
    warning: ARCHIVED,
  },
  DEEP_ARCHIVE: {
    title: 'Deep archive, after 12 to 48 hours',
    minDays: 180,
    retrieval: 'Restoring takes 12 to 48 hours, and costs.',
    warning: ARCHIVED,
  },
};

/** What a person should know before choosing a class, a sentence each; nothing about the usual one. */
export function classNotes(storageClass: StorageClass): string[] {
  const { minDays, retrieval, warning } = storageClassTerms[storageClass];
  const duration =
    minDays === 0
      ? undefined
      : `Paid for at least ${count(minDays, 'day')}, also when it is deleted or moved sooner.`;
  return [duration, retrieval, warning].filter((note) => note !== undefined);
}
