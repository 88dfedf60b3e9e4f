/**
 * @file The indexes that find jobs by what becomes of them. A part of each condition stands here word for word
 * as in the index, since SQLite takes an index of some of the rows for no other question; as comparisons, since
 * of a list of more than two it makes a table each time a row is written.
 */
import { SINGLE_PUT_BYTES } from '#shared/parts.ts';
import type { Job } from './job-row.ts';

/** Small files have a lane of their own, so that a document does not wait for a long video. */
export type Lane = 'small' | 'large';
export const laneOf = ({ sizeBytes }: Pick<Job, 'sizeBytes'>): Lane =>
  sizeBytes <= SINGLE_PUT_BYTES ? 'small' : 'large';

const isMoving = `(kind = 'queued' OR kind = 'uploaded' OR kind = 'uploading' OR kind = 'verifying')`;

/**
 * What is on its way, by its turn; what is under way has none and stands before the others, so that to claim
 * jobs moves them to a place nearby. SQLite by itself would sort all that waits, for want of statistics.
 */
export const inLane: Record<Lane, string> = {
  small: `jobs INDEXED BY jobs_moving_small WHERE ${isMoving} AND size_bytes <= ${SINGLE_PUT_BYTES}`,
  large: `jobs INDEXED BY jobs_moving_large WHERE ${isMoving} AND size_bytes > ${SINGLE_PUT_BYTES}`,
};

export const underWay = 'not_before_ms IS NULL';

/** Put before all others by a person: see `isFirst` of job.ts. */
export const putFirst = 'not_before_ms < 0';

/** Of both lanes, without reading a row. @param which About `not_before_ms`. */
export const moving = (which: string): string =>
  [inLane.small, inLane.large]
    .map((lane) => `SELECT id, not_before_ms FROM ${lane} AND ${which}`)
    .join(' UNION ALL ');

/** By its kind: all but what is queued, uploading or being verified, which come and go with each file. */
export const byKind = `jobs INDEXED BY jobs_by_kind WHERE kind <> 'queued' AND kind <> 'uploading' AND kind <> 'verifying'`;
