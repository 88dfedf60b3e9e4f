/** @file What windows see of what was deleted and can be brought back. A part of the contract in api.ts. */
import { z } from 'zod';
import { destinationKinds } from '../recording.ts';
import { key, ms, trouble } from './stored.ts';

const deletedView = z.object({
  key,
  name: z.string().nullable(),
  kind: z.enum(destinationKinds).nullable(),
  ownerId: z.string().nullable(),
  sizeBytes: z.int(),
  deletedAtMs: ms,
  /** Until then it is kept at least; null where no rule ends it, or none can be seen. */
  keptUntilMs: ms.nullable(),
  /** False where only an admin can, in the storage's console. */
  canReturn: z.boolean(),
});
export type DeletedView = z.output<typeof deletedView>;

/** Whether the bucket keeps what is deleted. `suspended`: what it kept before, and what is deleted now only for an admin. */
const versioning = z.enum(['on', 'suspended', 'off', 'unknown']);

/** Where the list goes on. */
export const mark = z.object({ key, versionId: z.string().max(1_024).nullable() });
export type DeletedMark = z.output<typeof mark>;

export const deletedCalls = {
  /** Some of it: the rest is behind `next`, also where none of it was among what was looked at. */
  listDeleted: {
    input: z.object({
      /** Of one class or user; null for all of it. */
      owner: z.object({ kind: z.enum(destinationKinds), ownerId: z.string().max(128) }).nullable(),
      from: mark.nullable(),
    }),
    output: z.object({
      rows: z.array(deletedView),
      /** Versions and deletions that were looked at. */
      looked: z.int(),
      next: mark.nullable(),
      versioning,
    }),
  },
  bringBack: {
    input: z.object({ keys: z.array(key).min(1).max(100) }),
    output: z.object({
      restored: z.int(),
      failed: z.array(trouble.pick({ code: true }).extend({ key })),
    }),
  },
  /** For how long an object would be kept if it was deleted now. `isKnown`: whether the bucket's rules could be seen. */
  getKept: {
    input: z.object({ key, sizeBytes: z.int().min(0) }),
    output: z.object({
      days: z.number().nullable(),
      isKnown: z.boolean(),
      versioning,
      /** Whether this account may see what is deleted: without that there is no way back from here. */
      maySee: z.boolean(),
    }),
  },
} as const;
