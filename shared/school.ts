/** @file What a school sets for a whole computer: in words, and as windows see it. The file itself: docs/POLICY.md. */
import { z } from 'zod';
import type { AppError } from './errors.ts';
import { count, printable } from './format.ts';

/** What a school may forbid: told with the refusal, and beforehand where the control would be. */
export const schoolLocks = {
  folders: 'No folder can be added or changed',
  files: 'No single file can be uploaded from here',
  delete: 'Nothing is deleted from the storage here',
  free: 'No file is removed from this computer',
  /** Set by nobody: only a damaged file locks it. */
  changes: 'Nothing can be changed now',
} as const;
export type SchoolLock = keyof typeof schoolLocks;
export const lockNames = Object.keys(schoolLocks) as [SchoolLock, ...SchoolLock[]];

export const linkLimitText = (longestSeconds: number): string =>
  `A link works for ${lifeText(longestSeconds)} at most`;

/** With the reason, and whom to ask. */
export const lockedText = (
  what: string,
  help: string | null | undefined,
  why = 'your school has set it so',
): string => `${what}: ${why}.${help ? ` Ask ${printable(help)}.` : ''}`;

export const lockText = (school: SchoolView | null | undefined, lock: SchoolLock): string =>
  lockedText(
    schoolLocks[lock],
    school?.help,
    school?.byDamage.includes(lock) ? 'your school’s settings cannot be read' : undefined,
  );

/** What holds for links and deletions; what is left out is free. */
export type SchoolLimits = Readonly<{
  longestLinkSeconds?: number;
  /** With what each is refused. */
  locks?: Readonly<Partial<Record<SchoolLock, AppError>>>;
  /** As in `SchoolView`. */
  help?: string | undefined;
}>;

export const schoolView = z.object({
  /** Whom to ask, as the school wrote it. */
  help: z.string().nullable(),
  longestLinkSeconds: z.int().nullable(),
  /** From the storage. */
  mayDelete: z.boolean(),
  /** Whether files may be taken off this computer once they are in the storage. */
  mayFree: z.boolean(),
  mayAddFolders: z.boolean(),
  /** The file cannot be used: what it said last holds, and nothing can be changed. */
  isDamaged: z.boolean(),
  /** Locks that nobody has set: the damage alone is why, as nobody can know what is set. */
  byDamage: z.array(z.enum(lockNames)),
});
export type SchoolView = z.output<typeof schoolView>;

/** A link's longest life: `7 days`, `1 hour`, `90 minutes`. */
export function lifeText(seconds: number): string {
  for (const [unit, length] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const)
    if (seconds % length === 0) return count(seconds / length, unit);
  return count(seconds, 'second');
}

/** Settings of the connection that a school may lock. */
export const lockableSettings = ['bucket', 'region', 'endpoint'] as const;
export type LockableSetting = (typeof lockableSettings)[number];
