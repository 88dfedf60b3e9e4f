/** @file Why there is no preview, or none any more. */
import type { Shown } from '#shared/preview.ts';
import { UNCHANGED } from '#shared/troubles/trouble.ts';
import type { Telling } from './troubles.ts';

/** The bytes came, and the window can do nothing with them. */
export function previewImpossible(kind: Shown['kind']): Telling {
  return {
    title: kind === 'image' ? 'This picture cannot be shown here' : 'This cannot be played here',
    safe: 'It need not be damaged.',
    todo: 'Other programs know more formats: download it, and open it with one of them.',
  };
}

/** The connection was set up anew meanwhile, or too many others were begun since. */
export const previewEnded: Telling = {
  title: 'The preview has ended',
  safe: UNCHANGED,
  todo: 'Begin it again to go on.',
};
