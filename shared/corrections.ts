/** @file What was found to be otherwise than the settings say, and was put right without a person. */
import { assertNever } from './assert.ts';
import { count } from './format.ts';

/** `aheadMs`: how far this computer's clock is ahead of the storage's; negative when it is behind. */
export type Correction =
  | Readonly<{ kind: 'region'; asked: string; found: string }>
  | Readonly<{ kind: 'host'; bucket: string }>
  | Readonly<{ kind: 'path'; path: string }>
  | Readonly<{ kind: 'clock'; aheadMs: number }>
  | Readonly<{ kind: 'pace'; why: SlowReason | 'over' }>;

/** Why less is asked of a storage at a time: it `asked` for that, or is `slow` to answer. */
export const slowReasons = ['asked', 'slow'] as const;
export type SlowReason = (typeof slowReasons)[number];

/** From here on a person is told. S3 refuses what is signed more than 15 minutes off. */
export const POOR_CLOCK_MS = 5 * 60_000;

export function correctionText(correction: Correction): string {
  switch (correction.kind) {
    case 'region':
      return `The bucket is in ${correction.found}, not in ${correction.asked} as the settings say. This was corrected by itself.`;
    case 'host':
      return `This storage wants ${correction.bucket} as a part of its host’s name. It is asked so from now on.`;
    case 'path':
      return `Something before the storage takes ${correction.path} out of its address. Requests and links are signed without it from now on.`;
    case 'clock':
      return `This computer’s clock is ${offText(correction.aheadMs)}. Uploads and links go by the storage’s clock. Turn on automatic date and time on this computer.`;
    case 'pace':
      return correction.why === 'over'
        ? 'The storage keeps up again: uploads go at full speed.'
        : `${slowTexts[correction.why]}. Uploads go on, fewer requests at a time, and become faster again by themselves.`;
    default:
      return assertNever(correction);
  }
}

export const slowTexts = {
  asked: 'The storage asked us to slow down',
  slow: 'The storage takes long to answer',
} as const satisfies Record<SlowReason, string>;

/** `27 minutes ahead of the storage’s` */
export function offText(aheadMs: number): string {
  const minutes = count(Math.round(Math.abs(aheadMs) / 60_000), 'minute');
  return `${minutes} ${aheadMs > 0 ? 'ahead of' : 'behind'} the storage’s`;
}
