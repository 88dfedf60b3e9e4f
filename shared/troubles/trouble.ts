/** @file The shape of a row of the catalogue, and the sentences that many rows share. */

export type WayOn = 'settings' | 'settings/folders' | 'settings/virus-scan' | 'library';

/** What one row says: what happened · is my recording safe · what to do. */
export type Words = Readonly<{ title: string; safe: string; todo: string }>;

/**
 * retry: `backoff` by itself, later · `after-user` a person has to act first · `superseded` later, until
 * a newer version of the file takes over · `restart` from the first byte, same key · `new-key` from the first
 * byte under a new key, since the old key cannot be trusted.
 */
export type Trouble = Words &
  Readonly<{
    /** Where the command line says it otherwise: it has variables, verbs and options, and no buttons. */
    cli?: Partial<Words>;
    /** The page of the window where the way on starts, or the part of it. */
    goTo?: WayOn;
    retry: 'backoff' | 'after-user' | 'superseded' | 'restart' | 'new-key';
    /** Whose trouble it is: this file's, the whole storage's, of what was asked for, or of the home. */
    scope: 'file' | 'storage' | 'usage' | 'home';
  }>;

/** Of what keeps recordings from being sent: they wait where they are. Of a list, a file of ours or a call it would be too much. */
export const ALL_SAFE = 'Your recordings are safe on this computer.';
export const ONE_SAFE = 'The recording is safe on this computer.';
/** Of what cannot be opened for now, and is there. */
export const IN_STORAGE = 'It is safe in the storage.';
/** Of what is the matter with what we keep ourselves. */
export const UNTOUCHED = 'No recording on this computer was touched.';
export const UNCHANGED = 'Nothing was changed.';
