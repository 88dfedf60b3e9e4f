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
  'wrong-type': {
    title: 'Not what its name says',
    safe: 'It is safe on this computer, and nothing of it was uploaded.',
    todo: 'Open it to see what it is. If it is right, upload it all the same.',
  },
  'not-taken': {
    title: 'A type that its folder does not take',
    safe: 'It is safe on this computer, and nothing of it was uploaded.',
    todo: 'Upload it all the same, or change in Settings what its folder takes.',
  },
  'over-limit': {
    title: 'Larger than its folder takes',
    safe: 'It is safe on this computer, and nothing of it was uploaded.',
    todo: 'Upload it all the same, or change the limit of its folder in Settings.',
  },
  'under-limit': {
    title: 'Smaller than its folder takes',
    safe: 'It is safe on this computer, and nothing of it was uploaded.',
    todo: 'Its recorder may have broken off: listen to it. You can upload it all the same, or change the limit of its folder in Settings.',
  },
};
