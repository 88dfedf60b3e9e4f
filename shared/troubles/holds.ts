/** @file Why a recording waits for a person although nothing went wrong: rows as the catalogue's. */
import type { HoldReason } from '../job.ts';
import { ONE_SAFE, type Trouble } from './trouble.ts';

const NOTHING_SENT = 'It is safe on this computer, and nothing of it was uploaded.';

export const holds: Readonly<Record<HoldReason, Omit<Trouble, 'retry' | 'scope'>>> = {
  'needs-class': {
    title: 'Its folder has no class yet',
    safe: ONE_SAFE,
    todo: 'Give the folder a class in Settings. It goes up then.',
    cli: { todo: 'It needs a class: run pansea-sync folders add again with --class' },
    goTo: 'settings/folders',
  },
  empty: {
    title: 'The file is empty (0 bytes)',
    safe: 'There is nothing in it. It stays where it is.',
    todo: 'Check the recorder, and whether its disk is full. You can upload it all the same.',
    cli: { todo: 'Check the recorder, and whether its disk is full.' },
  },
  unfinished: {
    title: 'This recording looks unfinished',
    safe: NOTHING_SENT,
    todo: 'Stop its recorder if that still runs: the finished recording goes up by itself. If the recorder broke off, as on a full disk, upload what is there; it may need repair before it plays.',
    cli: {
      todo: 'Stop its recorder if that still runs: the finished recording goes up by itself. What a recorder left when it broke off may need repair before it plays.',
    },
  },
  unconverted: {
    title: 'Zoom has not converted this meeting yet',
    safe: 'The meeting is safe on this computer.',
    todo: 'Double-click the file, so that Zoom makes a video of it. The video goes up by itself.',
  },
  'wrong-type': {
    title: 'Not what its name says',
    safe: NOTHING_SENT,
    todo: 'Open it to see what it is. If it is right, upload it all the same.',
    cli: { todo: 'Open it to see what it is.' },
  },
  'not-taken': {
    title: 'A type that its folder does not take',
    safe: NOTHING_SENT,
    todo: 'Upload it all the same, or change in Settings what its folder takes.',
    cli: { todo: 'What its folder takes is set with pansea-sync folders add.' },
    goTo: 'settings/folders',
  },
  'over-limit': {
    title: 'Larger than its folder takes',
    safe: NOTHING_SENT,
    todo: 'Upload it all the same, or change the limit of its folder in Settings.',
    cli: { todo: 'The limit of its folder is set with pansea-sync folders add.' },
    goTo: 'settings/folders',
  },
  'under-limit': {
    title: 'Smaller than its folder takes',
    safe: NOTHING_SENT,
    todo: 'Its recorder may have broken off: listen to it. You can upload it all the same, or change the limit of its folder in Settings.',
    cli: { todo: 'Its recorder may have broken off: listen to it.' },
    goTo: 'settings/folders',
  },
  infected: {
    title: 'The virus scanner objects to this file',
    safe: NOTHING_SENT,
    todo: 'Ask your IT team. Once the scanner lets it pass, have it scanned again.',
    cli: { todo: 'Ask your IT team. Once the scanner lets it pass: pansea-sync retry' },
  },
};
