/** @file The class-keyed layout of the bucket: keys are built and read here and nowhere else. */
import { z } from 'zod';
import { AppError } from './errors.ts';

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** A class or user id: what may stand between two slashes of a key without changing its meaning. */
export const pathId = z.string().regex(idPattern);

/** Where a file belongs. Class recordings carry the user as metadata only. */
export const destination = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('audio'), classId: pathId, userId: pathId }),
  z.object({ kind: z.literal('documents'), userId: pathId }),
  z.object({ kind: z.literal('uploads'), userId: pathId }),
]);
export type Destination = z.infer<typeof destination>;
export const destinationKinds = ['audio', 'documents', 'uploads'] as const;
export type DestinationKind = (typeof destinationKinds)[number];

export function isSame(a: Destination | undefined, b: Destination | undefined): boolean {
  return a?.kind === b?.kind && a?.userId === b?.userId && classOf(a) === classOf(b);
}

function classOf(to: Destination | undefined): string | undefined {
  return to?.kind === 'audio' ? to.classId : undefined;
}

/** @throws AppError `bad-id` for anything that could change a key's meaning, before a key is built. */
export function checkId(id: string): string {
  if (!idPattern.test(id)) throw new AppError('bad-id', JSON.stringify(id));
  return id;
}

/**
 * The extension as a key may carry it: lower case, `[a-z0-9]{1,10}`, else none.
 *
 * @returns With its dot, or the empty string.
 */
export function keyExtension(fileName: string): string {
  const [, extension] = /[^/\\]\.([A-Za-z0-9]{1,10})$/.exec(fileName) ?? [];
  return extension ? `.${extension.toLowerCase()}` : '';
}

/**
 * `audio/{class_id}/{uuid}.{ext}`, `documents/{user_id}/…` or `uploads/{user_id}/…`.
 *
 * @param uuid Lower-case UUID; version 7 where the class is to list in order of time.
 * @throws AppError `bad-id` when an id is not allowed.
 */
export function objectKeyFor(to: Destination, uuid: string, fileName: string): string {
  return `${shelfOf(to)}/${uuid}${keyExtension(fileName)}`;
}

/**
 * `audio/{class_id}`, `documents/{user_id}` or `uploads/{user_id}`: whose an object is, as its key says.
 *
 * @throws AppError `bad-id` when an id is not allowed.
 */
export function shelfOf(to: Destination): string {
  return `${to.kind}/${checkId(to.kind === 'audio' ? to.classId : to.userId)}`;
}

/** The same in words: a class's id, or `documents of teacher-7`, where the kind alone would name everybody's. */
export function shelfWords({ kind, classId, userId }: Shelf): string {
  return kind === 'audio' && classId ? classId : `${kind} of ${userId}`;
}
type Shelf = Readonly<{ kind: DestinationKind; classId?: string | null; userId: string }>;

type ParsedKey = Readonly<{
  kind: DestinationKind;
  ownerId: string;
  uuid: string;
  extension: string;
}>;

const keyPattern =
  /^(audio|documents|uploads)\/([^/]+)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})((?:\.[a-z0-9]{1,10})?)$/;

/** The inverse of `objectKeyFor`; `undefined` for objects that something else put in the bucket. */
export function parseObjectKey(key: string): ParsedKey | undefined {
  const [, kind, ownerId, uuid, extension] = keyPattern.exec(key) ?? [];
  if (!kind || !ownerId || !uuid || extension === undefined || !idPattern.test(ownerId))
    return undefined;
  return { kind: kind as DestinationKind, ownerId, uuid, extension };
}
