/** @file Which moments each workload comes by, and how often at least: what is listed has to be hit. */
import type { Action } from '../support/fault-actions.ts';
import type { CrashPoint } from '../../electron/engine/test-hooks.ts';
import type { OperationName } from '../support/s3-operation.ts';
import { MIB } from '../../shared/parts.ts';
import { isLong } from '../models/seeds.ts';

/** Moments on the wire: the proxy sees them, and the process is killed from outside. */
export const wirePoints = {
  'put-sent-no-reply': ['PutObject', { bytes: 0, of: 'response' }],
  'create-sent-no-reply': ['CreateMultipartUpload', { bytes: 0, of: 'response' }],
  'mid-part-body': ['UploadPart', { bytes: MIB }],
  'complete-sent-no-reply': ['CompleteMultipartUpload', { bytes: 0, of: 'response' }],
} as const satisfies Record<
  string,
  readonly [OperationName, Omit<Extract<Action, { kind: 'call' }>, 'kind' | 'run'>]
>;
/** Moments of a deletion in the storage, which no sync comes by. */
export const deletePoints = [
  'delete-before-intent',
  'delete-after-intent',
  'delete-after-answer',
  'delete-before-end-of-intent',
] as const satisfies readonly CrashPoint[];
export type WirePoint = keyof typeof wirePoints;
type Point = CrashPoint | WirePoint;

const begun = ['after-stat', 'after-insert', 'after-key-commit'] as const;
const open = [
  'before-create',
  'after-create-reply-before-commit',
  'after-uploadid-commit',
] as const;
const parts = ['mid-part-body', 'after-part-reply-before-commit', 'after-part-commit'] as const;
const read = ['after-last-read-before-fstat', 'after-fstat-before-complete'] as const;
const ended = ['after-completing-commit', 'after-head-before-verified', 'after-verified'] as const;

/** Each moment with the greatest hit that a workload surely makes. */
export const passed = {
  'one small file': hits(1, [
    ...begun,
    'after-last-read-before-fstat',
    'before-put',
    'put-sent-no-reply',
    'after-put-reply-before-commit',
    // Its answer is its proof: one commit says both.
    'after-completing-commit',
    'wal-checkpoint',
    'holder-removed',
  ]),
  'two files in parts': [
    ...hits(isLong ? 2 : 1, [...begun, ...open, 'create-sent-no-reply', ...ended]),
    ...hits(1, ['wal-checkpoint']),
    // Five parts in all.
    ...hits(isLong ? 5 : 2, [...parts]),
    ...hits(2, [...read, 'complete-sent-no-reply', 'after-complete-reply-before-commit']),
  ],
  'a file being replaced': [
    ...hits(1, [
      ...begun,
      ...open,
      'after-last-read-before-fstat',
      'abort-before-commit',
      'abort-after-commit',
    ]),
    ...hits(isLong ? 3 : 2, [...parts]),
  ],
};

function hits(most: number, points: readonly Point[]): (readonly [point: Point, hit: number])[] {
  return points.flatMap((point) => Array.from({ length: most }, (_, i) => [point, i + 1] as const));
}
