/** @file Where things are, on this computer and in the bucket, in words. */
import type { FolderView } from '#shared/api.ts';
import { count } from '#shared/format.ts';
import type { DestinationKind } from '#shared/recording.ts';

export const kindWords: Record<DestinationKind, { one: string; many: string; owner: string }> = {
  audio: { one: 'Class recordings', many: 'Classes', owner: 'Class' },
  documents: { one: 'Documents', many: 'Documents', owner: 'User' },
  uploads: { one: 'Other uploads', many: 'Other uploads', owner: 'User' },
};

/** The last part of a key, for objects whose human name is not known. */
export const lastPart = (key: string): string => key.slice(key.lastIndexOf('/') + 1) || key;

/** After a sentence: that some are known by their keys alone; nothing where there are none. */
export const unnamedText = (files: number): string =>
  files === 0
    ? ''
    : ` ${count(files, 'file')} ${files === 1 ? 'is' : 'are'} not known by name yet: a search finds ${files === 1 ? 'it' : 'them'} only by class and date.`;

/** Whether a folder that is followed is there, and what that means for its recordings. */
export const presenceWords: Record<FolderView['state'], { words: string; note: string | null }> = {
  connected: { words: 'Connected', note: null },
  'not-connected': {
    words: 'Not connected',
    note: 'The folder is not there now. If it is on a disk or a share, connect it: nothing counts as deleted meanwhile.',
  },
  silent: {
    words: 'Does not answer',
    note: 'The disk or share that it is on does not answer. Its recordings wait; nothing counts as deleted meanwhile.',
  },
  other: {
    words: 'Another disk',
    note: 'Another folder or disk is in its place, and none of the recordings known from here is on it. Nothing of it is uploaded. Connect the right one, or say that this one is meant.',
  },
};
