/** @file Where things are in the bucket, in words. */
import type { DestinationKind } from '#shared/recording.ts';

export const kindWords: Record<DestinationKind, { one: string; many: string; owner: string }> = {
  audio: { one: 'Class recordings', many: 'Classes', owner: 'Class' },
  documents: { one: 'Documents', many: 'Documents', owner: 'User' },
  uploads: { one: 'Other uploads', many: 'Other uploads', owner: 'User' },
};

/** The last part of a key, for objects whose human name is not known. */
export const lastPart = (key: string): string => key.slice(key.lastIndexOf('/') + 1) || key;
