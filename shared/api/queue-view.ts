/** @file What windows see of the queue: a part of the contract in api.ts. */
import { z } from 'zod';
import { errorCodes } from '../errors.ts';
import { holdReasons, jobKinds } from '../job.ts';
import { pauseReasons } from '../pause.ts';
import { destination } from '../recording.ts';
import { filePlaces, ms } from './stored.ts';

/** Tabs of the queue. `waiting` holds what waits for the network, a person's help excepted. */
export const queueFilters = ['all', 'active', 'waiting', 'attention', 'done', 'dismissed'] as const;

/** Why a job is not simply taking its course: an error's code, or what it is held for. */
export const jobTrouble = z.object({
  code: z.enum([...errorCodes, ...holdReasons]),
  title: z.string(),
  remedy: z.string(),
  /** For support: what exactly happened, and the storage's number for the request. */
  detail: z.string().optional(),
});

export const jobView = z.object({
  id: z.int(),
  name: z.string(),
  folder: z.string(),
  destination: z.string(),
  sizeBytes: z.int(),
  sentBytes: z.int(),
  /** Have left besides, and are not acknowledged yet. */
  onTheWayBytes: z.int(),
  state: z.enum(jobKinds as [string, ...string[]]),
  attempts: z.int(),
  trouble: jobTrouble.nullable(),
  /** What else a person should know, such as which object has its bytes. */
  note: z.string().nullable(),
  nextAttemptAtMs: z.int().nullable(),
  /** A person has put it before all others that wait. */
  isFirst: z.boolean(),
  updatedAtMs: z.int(),
  key: z.string().nullable(),
});

/** `why`: it changes · a program has it open · it is quiet but looks unfinished · there is no space to take it in. `forMs`: since it was first seen. */
export const settlingView = z.object({
  name: z.string(),
  folder: z.string(),
  sizeBytes: z.int(),
  why: z.enum(['changing', 'open', 'unfinished', 'space']),
  forMs: z.int(),
});

const skippedView = z.object({
  path: z.string(),
  name: z.string(),
  /** The watched folder, and the one below it. */
  folder: z.string(),
  reason: z.string(),
  /** Nobody left it out: it could not be looked at. */
  isUnreadable: z.boolean(),
});
export type SkippedView = z.output<typeof skippedView>;

const range = z.object({ least: z.number(), most: z.number() });

/** How fast uploads are and how long the rest takes, as ranges. */
export const paceView = z.object({ bytesPerSecond: range, leftMs: range });

export const pauseView = {
  isPaused: z.boolean(),
  /** Null while they are not. Other reasons than a person's are overruled by `setPaused`, until they are over. */
  pausedBy: z.enum(pauseReasons).nullable(),
  /** When uploads go on by themselves. Null: not before somebody says so. */
  pausedUntilMs: ms.nullable(),
};

const ids = z.array(z.int()).max(500);

/** So many files are uploaded by hand at a time. */
export const MOST_BY_HAND = 500;

/** Null for what is no file, or cannot be looked at: the upload says why. */
const chosenFile = z.object({
  path: z.string(),
  name: z.string(),
  sizeBytes: z.int().nullable(),
});
export type ChosenFile = z.output<typeof chosenFile>;

/** What could not be taken into the queue. */
const left = z.array(
  z.object({ path: z.string(), why: z.enum([...errorCodes, 'still-changing']) }),
);

/** What a person sends by hand, and decides about uploads that wait. */
export const queueCalls = {
  /** The newest of a tab with all of these words in name, path or class. `hasMore`: not all that there are. */
  findJobs: {
    input: z.object({
      filter: z.enum(queueFilters),
      words: z.string().trim().min(1).max(200),
    }),
    output: z.object({ rows: z.array(jobView), hasMore: z.boolean() }),
  },
  /** Asks for them by the host's own dialog; none when the person closed it. */
  chooseFiles: { input: z.object({}), output: z.object({ files: z.array(chosenFile) }) },
  /** Answers once each is in the queue, or says why it is not: files that the host's dialog or a drop gave. */
  uploadFiles: {
    input: z.object({
      paths: z.array(z.string().min(1).max(4_096)).min(1).max(MOST_BY_HAND),
      to: destination,
    }),
    output: z.object({ left }),
  },
  /** What a folder's recordings are stored under that its rule does not say any more: class ids, or such as `documents of teacher-7`. */
  storedElsewhere: {
    input: z.object({ id: z.int() }),
    output: z.object({ files: z.int(), owners: z.array(z.string()) }),
  },
  /** Sends those to where the rule says, too, as `uploadFiles`. What is stored stays. */
  sendStoredElsewhere: {
    input: z.object({ id: z.int() }),
    output: z.object({ taken: z.int(), left }),
  },
  /** What the last look at the watched folders left out. */
  listSkipped: {
    input: z.object({ offset: z.int().min(0), limit: z.int().min(1).max(500) }),
    output: z.object({
      rows: z.array(skippedView),
      total: z.int(),
      /** So many more that are not listed. */
      beyond: z.int(),
      /** When the folder was looked through for which that is longest ago; null before each was. */
      lookedAtMs: z.int().nullable(),
    }),
  },
  /** `untilMs`: within two days; left out or null for not before it is ended by this call. */
  setPaused: {
    input: z.object({ isPaused: z.boolean(), untilMs: ms.nullable().optional() }),
    output: z.object({}),
  },
  /** Shows a file in its folder. `place`: whether it was there to be shown. */
  revealJob: {
    input: z.object({ id: z.int() }),
    output: z.object({ place: z.enum(filePlaces) }),
  },
  /** Looks the watched folders through at once. */
  lookAgain: { input: z.object({}), output: z.object({}) },
  /** The failed jobs, and those a virus scanner objected to, with these ids, or with this code; all of them when neither is given. */
  retryJobs: {
    input: z.object({ ids, code: z.enum([...errorCodes, ...holdReasons]).optional() }),
    output: z.object({ retried: z.int() }),
  },
  /** Before all others that wait, in this order; see `Decisions`. */
  sendFirst: {
    input: z.object({ ids: ids.min(1) }),
    output: z.object({ moved: z.int() }),
  },
  /** Held recordings as they are: with these ids, or held for this. */
  uploadAnyway: {
    input: z.object({ ids, code: z.enum(holdReasons).optional() }),
    output: z.object({ released: z.int() }),
  },
  /** Not to be uploaded: those with these ids, or with this code. At least one must be given. */
  dismissJobs: {
    input: z
      .object({ ids, code: z.enum([...errorCodes, ...holdReasons]).optional() })
      .refine((chosen) => chosen.ids.length > 0 || chosen.code !== undefined, 'says which'),
    output: z.object({ dismissed: z.int() }),
  },
  /** Dismissed ones after all. `held`: those that need a class first. */
  sendAgain: {
    input: z.object({ ids: ids.min(1) }),
    output: z.object({ sent: z.int(), held: z.int() }),
  },
} as const;
