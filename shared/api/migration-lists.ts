/** @file Plans that are known here, and the lists of files that a page shows the first of. A part of the contract in api.ts. */
import { z } from 'zod';
import { standing } from './migration-view.ts';
import { ms, page } from './stored.ts';

/**
 * `problems` of the plan · `behind`, not uploaded · `refuted`, not verified · `left` as they were by the latest
 * step · `quarantined`.
 */
export const namedLists = ['problems', 'behind', 'refuted', 'left', 'quarantined'] as const;
export type NamedList = (typeof namedLists)[number];

const namedFile = z.object({ path: z.string(), detail: z.string().nullable() });
export type NamedFile = z.output<typeof namedFile>;

const knownPlan = z.object({
  id: z.string(),
  root: z.string(),
  file: z.string(),
  files: z.int(),
  bytes: z.int(),
  madeAt: z.iso.datetime(),
  openedAtMs: ms,
  /** It is being uploaded, now or as soon as the library is open. */
  isRunning: z.boolean(),
});
export type KnownPlan = z.output<typeof knownPlan>;

const plan = { plan: z.string().max(64) };
/** Which files of a list: by why they are named in it. */
const named = { ...plan, list: z.enum(namedLists), why: z.string().max(40) };

export const migrationListCalls = {
  /** The one that was opened last first. */
  listPlans: {
    input: z.object(page),
    output: z.object({ rows: z.array(knownPlan), total: z.int() }),
  },
  /** Goes through all of the plan's files: asked for one plan at a time. */
  getPlanStanding: { input: z.object(plan), output: z.object({ standing }) },
  /** Shows a plan that is known; its file need not be there. */
  showPlan: { input: z.object(plan), output: z.object({}) },
  /** `words`: anywhere in the path, whatever the case. */
  listNamed: {
    input: z.object({ ...named, words: z.string().max(200), ...page }),
    output: z.object({ rows: z.array(namedFile), total: z.int() }),
  },
  /** As a table for spreadsheets. Null when the dialog was closed. */
  saveNamed: { input: z.object(named), output: z.object({ path: z.string().nullable() }) },
} as const;
