/** @file Where recordings go: as the rule of their folder says, and under which key. */
import mime from 'mime';
import { basename, join, sep } from 'node:path';
import { v4, v7 } from 'uuid';
import { wasStored } from '#shared/job.ts';
import { isSame, objectKeyFor, type Destination } from '#shared/recording.ts';
import type { FolderRule } from '../store/folders.ts';
import type { Job, NewJob, Target } from '../store/jobs.ts';
import type { Sighting } from '../watch/scan.ts';

export const nameOf = ({ path }: Sighting): string => basename(path).normalize('NFC');

/** What a new job says of its file, and of where that goes. */
export function newFile(
  sighting: Sighting,
  to: Destination | undefined,
): Omit<NewJob, 'folderId' | 'state'> {
  const { path, sizeBytes, mtimeNs, device, inode, ctimeNs } = sighting;
  const name = nameOf(sighting);
  return {
    path,
    sizeBytes,
    mtimeNs,
    name,
    file: { device, inode, ctimeNs },
    contentType: mime.getType(name) ?? 'application/octet-stream',
    // Committed with the row, before the first request: whatever happens later, this file has one key.
    ...newTarget(to, name),
  };
}

/** A key and a token that no other has; without a destination there is no key yet. */
export function newTarget(to: Destination | undefined, name: string): Target {
  return { destination: to, key: to && objectKeyFor(to, v7(), name), token: v4() };
}

/** Also what an earlier watch of the same folder found: taking a folder off the list keeps its jobs. */
export function isFrom(
  folder: Readonly<{ id: number | undefined; path: string }>,
  { folderId, path, isByHand }: Job,
): boolean {
  if (isByHand) return false;
  return folderId === undefined ? path.startsWith(join(folder.path, sep)) : folderId === folder.id;
}

/** `undefined` while a class folder has no class: such recordings are held, never guessed. */
export function destinationOf(rule: FolderRule): Destination | undefined {
  const { kind, classId, userId } = rule;
  if (kind !== 'audio') return { kind, userId };
  return classId === undefined ? undefined : { kind, classId, userId };
}

/**
 * Of a version's jobs the one of the very file, rather one for where its folder's rule says by now. Where only the
 * change time moved, what has not been sent is read before it is; what has been sent needs a job of its
 * own, whose bytes then tell.
 */
export function ofItsPlace(
  rows: readonly Job[],
  { ctimeNs }: Sighting,
  to: Destination | undefined,
): Job | undefined {
  const isRight = ({ destination }: Job) => Number(isSame(destination, to));
  const rightFirst = rows.toSorted((a, b) => isRight(b) - isRight(a));
  const exact = rightFirst.find(({ file }) => !file || file.ctimeNs === ctimeNs);
  return exact ?? rightFirst.find(({ state }) => !wasStored(state));
}
