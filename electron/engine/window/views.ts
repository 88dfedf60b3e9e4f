/** @file What windows see of the engine's things. */
import { basename, dirname } from 'node:path';
import type { FolderView, JobTrouble, JobView, RuleInput } from '#shared/api.ts';
import type { LinkView, FilePlace, ObjectDetails, ObjectView } from '#shared/api/stored.ts';
import { remedyOf, wordsOf, type Reason } from '#shared/troubles/catalogue.ts';
import { AppError } from '#shared/errors.ts';
import { isFirst } from '#shared/job.ts';
import { isSame, parseObjectKey, shelfWords, type Destination } from '#shared/recording.ts';
import { archiveOf } from '#shared/restore.ts';
import type { ObjectInfo, Remote } from '../s3/remote.ts';
import { plain } from '../plain.ts';
import type { Presence } from '../watch/presence.ts';
import type { Folder, FolderRule } from '../store/folders.ts';
import type { Job } from '../store/jobs.ts';
import { isEndingSoon, linkState, type Link } from '../store/links.ts';
import type { IndexedObject } from '../store/objects.ts';
import type { Restore } from '../store/restores.ts';

/**
 * @param parts    Bytes of its open upload that the storage has.
 * @param isAway   Whether its folder is not connected: then it waits for that.
 * @param onTheWay Bytes that have left for the storage besides.
 */
export function jobView(job: Job, parts = 0, isAway = false, onTheWay = 0): JobView {
  const { id, path, name, destination, sizeBytes, state, key, updatedAtMs } = job;
  return {
    id,
    name,
    folder: basename(dirname(path)),
    destination: destination ? ownerOf(destination) : '',
    sizeBytes,
    sentBytes: sentBytesOf(job, parts),
    onTheWayBytes: state.kind === 'uploading' ? onTheWay : 0,
    state: state.kind,
    attempts: 'attempts' in state ? state.attempts : 0,
    trouble: isAway && state.kind === 'queued' ? told('folder-away') : troubleOf(job),
    note: noteOf(job),
    nextAttemptAtMs:
      'notBeforeMs' in state && state.code !== null && !isFirst(state) ? state.notBeforeMs : null,
    isFirst: isFirst(state),
    updatedAtMs,
    key: key ?? null,
  };
}

/** Bytes that the storage has acknowledged. @param parts Of an upload that waits, or has just been taken up again. */
export function sentBytesOf({ state, sizeBytes }: Job, parts = 0): number {
  if (state.kind === 'uploading') return Math.max(state.sentBytes, parts);
  return ['uploaded', 'verifying', 'verified'].includes(state.kind) ? sizeBytes : parts;
}

/** Why a job is not simply taking its course. */
export function troubleOf({ state }: Pick<Job, 'state'>): JobTrouble | null {
  if (state.kind === 'held') return told(state.reason);
  return 'code' in state && state.code !== null
    ? { ...told(state.code), detail: state.detail }
    : null;
}

/** What ended something long that a window has begun. */
export function endTrouble(error: unknown) {
  const { code, title, remedy, message } = AppError.from(error);
  return { code, title, remedy, detail: message === title ? null : message };
}

function told(code: Reason): JobTrouble {
  return { code, title: wordsOf(code).title, remedy: remedyOf(code) };
}

/** What else a person should know of a job that has taken its course. */
export function noteOf({ path, state, movedTo, destination }: Job): string | null {
  if (state.kind === 'failed' && state.code === 'file-gone') return `It was ${path}`;
  if (state.kind === 'held') return state.detail ?? null;
  if (state.kind !== 'verified') return null;
  if (movedTo && destination && !isSame(movedTo, destination))
    return `Stored under ${shelfWords(destination)}, and stays there. Its file is now in a folder of ${shelfWords(movedTo)}`;
  return state.sameAs === undefined
    ? null
    : `Already stored: the same bytes are in ${state.sameAs}`;
}

/** In a word: what windows say of where a recording is. */
function ownerOf(to: Destination): string {
  return to.kind === 'audio' ? to.classId : to.kind;
}

export const folderState = {
  here: 'connected',
  away: 'not-connected',
  other: 'other',
  silent: 'silent',
} as const satisfies Record<Presence, FolderView['state']>;

export function folderView(
  { id, path, rule }: Folder,
  presence: Presence,
  isSetBySchool: boolean,
): FolderView {
  return { id, path, rule: ruleView(rule), state: folderState[presence], isSetBySchool };
}

/** @param restore What is known of having it made readable, asked for from here. */
export function objectView(
  object: IndexedObject,
  restore: Restore | undefined,
  nowMs: number,
): ObjectView {
  const parsed = parseObjectKey(object.key);
  const untilMs = restore?.untilMs ?? Infinity;
  const shelf =
    archiveOf(object.storageClass) === undefined
      ? null
      : restore === undefined || untilMs <= nowMs
        ? 'archived'
        : restore.untilMs === null
          ? 'restoring'
          : 'restored';
  return { ...object, shelf, kind: parsed?.kind ?? null, ownerId: parsed?.ownerId ?? null };
}

export function objectDetails(
  info: ObjectInfo,
  file: FilePlace,
  links: readonly Link[],
): ObjectDetails {
  const { key, sizeBytes, contentType, storageClass, versionId, crc32, metadata, lastModifiedMs } =
    info;
  const { encryption, kmsKeyId, readability } = info;
  return {
    key,
    sizeBytes,
    contentType: contentType ?? null,
    storageClass: storageClass ?? 'STANDARD',
    encryption: encryption ?? null,
    kmsKeyId: kmsKeyId ?? null,
    readability,
    versionId: versionId ?? null,
    checksum: crc32 === undefined ? null : `CRC-32 ${crc32.toString(16).padStart(8, '0')}`,
    metadata,
    lastModifiedMs,
    file,
    links: links.map(({ id, note, expiresAtMs }) => ({ id, note, expiresAtMs })),
  };
}

/** @param remote What is connected: by its clock links end. */
export function linkView(link: Link, nowMs: number, remote: Remote | undefined): LinkView {
  const aheadMs = remote?.aheadMs() ?? 0;
  const { deadAtMs: _, renewedBy, ...shown } = link;
  const ownerId = parseObjectKey(link.key)?.ownerId ?? null;
  const endsHereMs = link.expiresAtMs + aheadMs;
  const { place } = link;
  const leads = place === null ? 'unknown' : place === remote?.place ? 'here' : 'elsewhere';
  const atMs = nowMs - aheadMs;
  return {
    ...shown,
    leads,
    ownerId,
    endsHereMs,
    state: linkState(link, atMs),
    isRenewed: renewedBy !== null,
    isEndingSoon: leads === 'here' && isEndingSoon(link, atMs),
  };
}

/** Those in whose name, class or note each of the words is, whatever their case and accents. */
export function linksWith(links: readonly LinkView[], words: string): readonly LinkView[] {
  const wanted = plain(words).split(/\s+/);
  return links.filter(({ name, ownerId, note }) => {
    const text = plain(`${name} ${ownerId ?? ''} ${note ?? ''}`);
    return wanted.every((word) => text.includes(word));
  });
}

function ruleView({ classId, ...rest }: FolderRule): RuleInput {
  return { ...rest, classId: classId ?? null };
}

export function ruleFrom({ classId, storageClass, ...rest }: RuleInput): FolderRule {
  return {
    ...rest,
    ...(classId === null ? {} : { classId }),
    ...(storageClass === undefined || storageClass === 'STANDARD' ? {} : { storageClass }),
  };
}
