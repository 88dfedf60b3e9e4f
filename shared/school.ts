/** @file What a school sets for a whole computer: in words, and as windows see it. The file itself: docs/POLICY.md. */
import { z } from 'zod';
import { count } from './format.ts';

/** At each control that it locks. */
export const SET_BY_SCHOOL = 'Set by your school';

/** What holds for links and deletions; what is left out is free. */
export type SchoolLimits = Readonly<{
  longestLinkSeconds?: number;
  /** From the storage. */
  mayDelete?: boolean;
  /** Whether files may be taken off this computer once they are in the storage. */
  mayFree?: boolean;
}>;

export const schoolView = z.object({
  /** Whom to ask, as the school wrote it. */
  help: z.string().nullable(),
  longestLinkSeconds: z.int().nullable(),
  mayDelete: z.boolean(),
  mayAddFolders: z.boolean(),
  /** The file cannot be used: what it said last holds, and nothing can be changed. */
  isDamaged: z.boolean(),
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
