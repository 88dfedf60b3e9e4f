/** @file What windows see of a migration, and the calls that take it from step to step. A part of the contract in api.ts. */
import { z } from 'zod';
import { estimate } from '../migration/estimate.ts';
import {
  backup,
  cleanupLevels,
  drifts,
  hashKinds,
  hashListFormats,
  keptReasons,
  migrationVerdicts,
  proofLevels,
  reportFormats,
  unlisted,
  vouchedBy,
} from '../migration/migration.ts';
import { planProblemKinds } from '../migration/plan.ts';
import { pathId } from '../recording.ts';
import { referenceFormats, sqlDialects } from '../migration/references.ts';

import { ms, trouble } from './stored.ts';

const names = <T extends object>(table: T) => Object.keys(table) as [keyof T, ...(keyof T)[]];

const sum = z.object({ files: z.int(), bytes: z.int() });
/** Files that something is to be said of; `some`: the first of them, by their paths. */
const named = { files: z.int(), some: z.array(z.string()) };

/** What a plan says beside its files, for whoever opens it again. */
export const planSummary = z.object({
  madeAt: z.iso.datetime(),
  problems: z.array(z.object({ why: z.enum(planProblemKinds), ...named })),
  /** The largest of each kind; `more` others. */
  groups: z.record(
    z.enum(['classes', 'types', 'years']),
    z.object({ some: z.array(z.object({ name: z.string(), ...sum.shape })), more: z.int() }),
  ),
  estimate,
});
export type PlanSummary = z.output<typeof planSummary>;

/**
 * What became of a planned file that is not uploaded and verified: `held` and `failed` need a person ·
 * `waiting` for its next attempt, or for the next run · `setAside` cancelled or deleted by a person.
 */
const fates = ['failed', 'held', 'waiting', 'setAside', 'changed', 'gone', 'unreadable'] as const;
export type Fate = (typeof fates)[number];

/** How far a plan is, by the ledger. */
export const standing = z.object({
  uploaded: sum,
  behind: z.array(z.object({ why: z.enum(fates), ...named })),
  /** Whose last verdict is `verified`, by the level of that. */
  verified: z.record(z.enum(proofLevels), sum),
  /** Files with another verdict. */
  refuted: z.array(z.object({ why: z.enum(names(migrationVerdicts)), ...named })),
  /** When the last verdict was given. */
  checkedAtMs: ms.nullable(),
  here: sum,
  /** Of those, what was in quarantine before. */
  putBack: sum,
  quarantined: sum,
  /** Of those, what may be deleted for good now. */
  due: sum,
  /** When all of them may be. */
  dueAtMs: ms.nullable(),
  removed: sum,
});
export type Standing = z.output<typeof standing>;

const planView = z.object({
  id: z.string(),
  root: z.string(),
  /** Where its file was when it was opened last. */
  file: z.string(),
  files: z.int(),
  bytes: z.int(),
  summary: planSummary,
  backup: backup.nullable(),
  standing,
});
export type PlanView = z.output<typeof planView>;

/** What can be done with an archive, one at a time. */
const works = [
  'plan',
  'open',
  'backup',
  'run',
  'verify',
  'cleanup',
  'purge',
  'undo',
  'hashes',
  'look',
] as const;
export type WorkName = (typeof works)[number];

/** `total`: null while nobody knows it. */
export const workView = z.object({
  work: z.enum(works),
  /** `waiting`: for the storage, which is in trouble that passes. */
  phase: z.enum(['looking', 'comparing', 'waiting']).nullable(),
  done: sum,
  total: sum.nullable(),
});
export type WorkView = z.output<typeof workView>;

/** Why a step leaves a file as it is. What it means depends on the step. */
const leftWhy = z.enum([
  'not-the-same',
  ...names(drifts),
  ...names(keptReasons),
  ...names(unlisted),
]);
export type LeftWhy = z.output<typeof leftWhy>;

/** How the latest work ended, until the next one begins. */
const endView = z.object({
  work: z.enum(works),
  wasStopped: z.boolean(),
  trouble: trouble.extend({ detail: z.string().nullable() }).nullable(),
  done: sum,
  left: z.array(z.object({ why: leftWhy, ...named })),
  /** What was written by it. */
  saved: z.string().nullable(),
});
export type EndView = z.output<typeof endView>;

const migrationView = z.object({
  working: workView.nullable(),
  ended: endView.nullable(),
  /** The one that was opened last. */
  plan: planView.nullable(),
  /** Who sends, as a person has said for a folder; empty where nobody has. */
  userId: z.string(),
});
export type MigrationView = z.output<typeof migrationView>;

/** What a person is asked for by the host's own dialog. */
export const askedFiles = ['mapping', 'timetable', 'plan'] as const;
export type AskedFile = (typeof askedFiles)[number];

const none = z.object({});
const path = z.string().min(1).max(4_096);
/** The plan that a person sees: with another one nothing is done. */
const plan = { plan: z.string().max(64) };
/** How many files a person has agreed to. */
const confirmed = { ...plan, confirmed: z.int().min(1) };
const level = z.enum(cleanupLevels);
/** Of quarantine. */
const days = z.int().min(1).max(3_650);
const saved = z.object({ path: z.string().nullable() });

export const migrationCalls = {
  getMigration: { input: none, output: migrationView },
  /** Null when the person closed the dialog. */
  chooseFile: {
    input: z.object({ what: z.enum(askedFiles) }),
    output: z.object({ path: path.nullable() }),
  },
  /** Each of these begins and answers at once; events tell how it goes on, and `ended` how it went. */
  planMigration: {
    /** One of the two says where files go, or both do: the timetable for what the mapping has no line for. */
    input: z.object({
      root: path,
      mapping: path.nullable(),
      /** `zone`: of its clock, as in the IANA's database. */
      timetable: z.object({ file: path, zone: z.string().min(1).max(64) }).nullable(),
      userId: pathId,
      /** Megabits a second that the time is reckoned with; null for a usual line's. */
      mbit: z.int().min(1).max(1_000_000).nullable(),
    }),
    output: none,
  },
  openPlan: { input: z.object({ file: path }), output: none },
  /** `sample`: how many files, chosen by chance. */
  compareBackup: {
    input: z.object({ ...plan, path, sample: z.int().min(1).max(1_000_000) }),
    output: none,
  },
  /** Looks for what is not as planned any more, before it is sent. */
  lookForDrift: { input: z.object(plan), output: none },
  runMigration: { input: z.object(plan), output: none },
  verifyMigration: {
    /** `share`: of a hundred files so many are read back at that level, by chance. */
    input: z.object({ ...plan, level: z.enum(proofLevels), share: z.int().min(1).max(100) }),
    output: none,
  },
  quarantineFiles: { input: z.object({ ...confirmed, level }), output: none },
  purgeFiles: { input: z.object({ ...confirmed, days }), output: none },
  /** These of the plan's paths; null for all that is in quarantine. */
  putFilesBack: {
    input: z.object({ ...plan, paths: z.array(path).min(1).max(500).nullable() }),
    output: none,
  },
  /** Whatever is being done. It can be done again, and goes on where it was. */
  stopMigration: { input: none, output: none },

  noteBackup: { input: z.object({ ...plan, by: vouchedBy }), output: none },
  /** By the disk, in this moment: what would be moved, and what would be deleted for good. */
  surveyCleanup: {
    input: z.object({ ...plan, level, days }),
    /** `lost`: neither at its place nor in quarantine, or not to be looked at. */
    output: z.object({
      pending: sum,
      here: sum,
      due: sum,
      /** When the first of what is in quarantine and not due will be. */
      nextDueAtMs: ms.nullable(),
      lost: sum,
    }),
  },
  saveReferences: {
    input: z.object({
      ...plan,
      format: z.enum(referenceFormats),
      dialect: z.enum(sqlDialects),
      table: z.string().min(1).max(200),
      pathColumn: z.string().min(1).max(200),
      keyColumn: z.string().min(1).max(200),
      /** What the database's paths begin with; null for the archive's folder. */
      prefix: z.string().max(4_096).nullable(),
    }),
    output: z.object({
      /** Null when the dialog was closed. */
      files: z
        .object({ update: z.string(), rollback: z.string(), written: z.int(), left: z.int() })
        .nullable(),
    }),
  },
  saveMigrationReport: {
    input: z.object({ ...plan, format: z.enum(reportFormats) }),
    output: saved,
  },
  /** Begins and answers at once, with where the list will be. */
  saveHashList: {
    input: z.object({ ...plan, format: z.enum(hashListFormats), hash: z.enum(hashKinds) }),
    output: saved,
  },
  /** `head`: the last hash, to be kept elsewhere. */
  saveReceipts: {
    input: z.object(plan),
    output: z.object({ ...saved.shape, receipts: z.int(), head: z.string() }),
  },
  /** The program that checks receipts, for whoever gets them. */
  saveVerifier: { input: none, output: saved },
  revealPlan: { input: z.object(plan), output: none },
} as const;
