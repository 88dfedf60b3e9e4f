/** @file Where recordings go: as the rule of their folder says, and under which key. */
import { join, sep } from 'node:path';
import { v4, v7 } from 'uuid';
import { objectKeyFor, type Destination } from '#shared/recording.ts';
import type { Folder, FolderRule } from '../store/folders.ts';
import type { Job } from '../store/jobs.ts';

/** A new key and token for a job whose old key cannot be used any more. */
export function newTarget(job: Job): { to: Destination; key: string; token: string } {
  if (job.destination === undefined) throw new Error(`Job ${job.id} has no destination`);
  return {
    to: job.destination,
    key: objectKeyFor(job.destination, v7(), job.name),
    token: v4(),
  };
}

/** Also what an earlier watch of the same folder found: taking a folder off the list keeps its jobs. */
export function isFrom(folder: Folder, { folderId, path, isByHand }: Job): boolean {
  if (isByHand) return false;
  return folderId === undefined ? path.startsWith(join(folder.path, sep)) : folderId === folder.id;
}

/** `undefined` while a class folder has no class: such recordings are held, never guessed. */
export function destinationOf(rule: FolderRule): Destination | undefined {
  const { kind, classId, userId } = rule;
  if (kind !== 'audio') return { kind, userId };
  return classId === undefined ? undefined : { kind, classId, userId };
}
