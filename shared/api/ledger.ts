/** @file The calls about the list of recordings itself, a part of the contract in api.ts. */
import { z } from 'zod';
import {
  auditLevels,
  auditPeriods,
  auditReasonNames,
  auditTotals,
  refuted,
  refutedReasons,
} from '../audit.ts';
import { ms, trouble } from './stored.ts';

const none = z.object({});
const level = z.enum(auditLevels);

/** The audit that runs, how the latest ended, and the last one that went through to its end. */
export const auditView = z.object({
  running: z.object({ level, looked: z.int() }).nullable(),
  wasCancelled: z.boolean(),
  trouble: trouble.extend({ detail: z.string().nullable() }).nullable(),
  /** `open`: what of it nobody has decided about. */
  last: z
    .object({
      level,
      endedAtMs: ms,
      totals: auditTotals,
      open: refuted,
      /** Nobody had asked for it. */
      isByItself: z.boolean(),
    })
    .nullable(),
});
export type AuditView = z.output<typeof auditView>;

const every = z.enum(auditPeriods);

/** Audits that nobody asks for. */
const ownAuditsView = z.object({
  every,
  /** In the storage, as far as it is known: by its last listing, else recordings that were stored from here. */
  objects: z.int(),
  isListed: z.boolean(),
  /** The recordings were stored while another storage was set: this one waits for a person's audit. */
  isElsewhere: z.boolean(),
  /** The storage refused the last one. */
  isRefused: z.boolean(),
});
export type OwnAuditsView = z.output<typeof ownAuditsView>;

const findingView = z.object({
  name: z.string(),
  /** The folder here, else the object's key. */
  where: z.string(),
  detail: z.string().nullable(),
});

export const ledgerCalls = {
  /** A person has read what happened to the list. */
  dismissRecovery: { input: none, output: none },
  getAudit: { input: none, output: auditView },
  /** Starts one, unless one runs. How it goes on is told by events. */
  startAudit: { input: z.object({ level }), output: auditView },
  /** What the last one found stays. */
  cancelAudit: { input: none, output: none },
  getOwnAudits: { input: none, output: ownAuditsView },
  setOwnAudits: { input: z.object({ every }), output: none },
  /** What the last whole audit found for one reason. */
  listAuditFindings: {
    input: z.object({
      reason: z.enum(auditReasonNames),
      offset: z.int().min(0),
      limit: z.int().min(1).max(500),
    }),
    output: z.object({ rows: z.array(findingView), total: z.int() }),
  },
  /**
   * Recordings that the last audit found this of: sent again under new keys, or no longer counted as stored.
   * `there`: so many are there after all.
   */
  settleGone: {
    input: z.object({
      reason: z.enum(refutedReasons),
      isAgain: z.boolean(),
      /** As many as were shown: where it is another number by now nothing is done. */
      files: z.int(),
    }),
    output: z.object({ settled: z.int(), there: z.int() }),
  },
} as const;
