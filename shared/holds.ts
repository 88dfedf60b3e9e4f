/** @file Why a recording waits for a person although nothing went wrong, in words: what is so, is it safe, what to do. */
import type { HoldReason } from './job.ts';

export const holds: Readonly<
  Record<HoldReason, Readonly<{ title: string; safe: string; todo: string }>>
> = {
  'needs-class': {
    title: 'Its folder has no class yet',
    safe: 'The recording is safe on this computer.',
    todo: 'Give the folder a class in Settings. It goes up then.',
  },
  empty: {
    title: 'The file is empty (0 bytes)',
    safe: 'There is nothing in it. It stays where it is.',
    todo: 'Check the recorder. You can upload it all the same.',
  },
  unfinished: {
    title: 'This recording looks unfinished',
    safe: 'It is safe on this computer, and nothing of it was uploaded.',
    todo: 'Stop its recorder if that still runs: the finished recording goes up by itself. If the recorder broke off, upload what is there; it may need repair before it plays.',
  },
  unconverted: {
    title: 'Zoom has not converted this meeting yet',
    safe: 'The meeting is safe on this computer.',
    todo: 'Double-click the file, so that Zoom makes a video of it. The video goes up by itself.',
  },
};
