/** @file Options that several verbs share, parsed at the border. */
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { parseBytes } from '#shared/format.ts';
import { fileType } from '#shared/limits.ts';
import {
  checkId,
  destinationKinds,
  type Destination,
  type DestinationKind,
} from '#shared/recording.ts';
import { storageClasses } from '#shared/storage-class.ts';
import { key } from '#shared/api/stored.ts';
import { defaultUserId } from '../engine/defaults.ts';

export type PlaceOptions = Readonly<{ class?: string; kind: DestinationKind; user?: string }>;

export const classOption = () => new Option('--class <id>', 'class of the recordings');
export const kindOption = () =>
  new Option('--kind <kind>', 'what the files are').choices([...destinationKinds]).default('audio');
export const userOption = () =>
  new Option('--user <id>', 'who sends them; default: your account’s name');

export const storageClassOption = () =>
  new Option('--storage-class <class>', 'where the storage keeps its recordings')
    .choices([...storageClasses])
    .default('STANDARD');

export const portOption = () =>
  new Option('--port <n>', 'on this computer')
    .argParser(whole(0, 65_535))
    .default(0, 'any free one');

/** @throws AppError `bad-id` */
export function userIdFrom(options: PlaceOptions): string {
  return checkId(options.user ?? defaultUserId());
}

/** @throws AppError `bad-id`, or `usage` for a class of what goes to none: it would be left out in silence. */
export function classIdFrom(options: PlaceOptions): string | undefined {
  if (options.class === undefined) return undefined;
  if (options.kind !== 'audio')
    throw new AppError('usage', `--class is for class recordings, not for --kind ${options.kind}`);
  return checkId(options.class);
}

/** @throws AppError `bad-id`, or `usage` for a class recording without a class, and for a class of what has none. */
export function destinationFrom(options: PlaceOptions): Destination {
  const userId = userIdFrom(options);
  const classId = classIdFrom(options);
  if (options.kind !== 'audio') return { kind: options.kind, userId };
  if (classId === undefined) throw new AppError('usage', 'Class recordings need --class ID');
  return { kind: 'audio', classId, userId };
}

/** For commander: a whole number within bounds, in digits alone. @param what Of what, with an example. */
export function whole(
  min: number,
  max = Number.MAX_SAFE_INTEGER,
  what = `a whole number${max === Number.MAX_SAFE_INTEGER ? `, ${min} or more` : ` from ${min} to ${max}`}`,
): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!Number.isSafeInteger(number) || number < min || number > max)
      throw new InvalidArgumentError(`It must be ${what}.`);
    return number;
  };
}

/** For commander: how long, such as 3600. */
export const seconds = whole(
  1,
  Number.MAX_SAFE_INTEGER,
  'a number of seconds, such as 3600 for an hour or 86400 for a day',
);

/** For commander: a size such as 2GB, in bytes. */
export function bytes(text: string): number {
  const size = parseBytes(text);
  if (size === undefined)
    throw new InvalidArgumentError('It must be a size, such as 500MB or 2GB.');
  return size;
}

/** For commander: endings of files, such as mp3,wav. */
export function types(text: string): string[] {
  const parsed = z.array(fileType).min(1).safeParse(text.split(','));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('It must be endings with commas between them, such as mp3,wav.');
}

/** For commander: an object's key. An empty one would be the bucket itself. */
export function objectKey(text: string): string {
  const parsed = key.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('It must be the key of an object: list shows them.');
}

/** The same, given several times. */
export function objectKeys(text: string, before: readonly string[] = []): string[] {
  return [...before, objectKey(text)];
}

/** For commander: an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
