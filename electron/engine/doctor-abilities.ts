/** @file What the storage itself can do, found by writing, reading and deleting one object of 16 bytes. */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AppError } from '#shared/errors.ts';
import {
  notRead,
  readObject,
  removeOr,
  type Reading,
  type Verdict,
  type Verdicts,
} from './doctor-permissions.ts';
import type { Probe } from './s3/probe.ts';
import type { ObjectInfo } from './s3/remote.ts';

export type Ability = Readonly<{ value: boolean | 'unknown'; note?: string }>;
type AbilityName =
  | 'fullObjectChecksum'
  | 'conditionalWrites'
  | 'listParts'
  | 'versioning'
  | 'pathStyle';
export type Abilities = Readonly<Record<AbilityName, Ability>>;

const NO_CHECKSUM =
  'Large recordings are verified by downloading them again, which takes longer and costs traffic.';
const NO_CONDITIONS =
  'Nothing is overwritten all the same: each key has a fresh UUID and is looked up first.';

export type RoundTrip = Readonly<{
  fullObjectChecksum: Ability;
  conditionalWrites: Ability;
  /** What reading the object told, where it came to that. */
  reading: Reading;
  /** What the storage said of the object; `undefined` where there was none to ask about. */
  stored?: ObjectInfo;
}>;

/**
 * Stores 16 bytes, tries to store others over them, asks for their checksum, and deletes them, also
 * when it is interrupted.
 *
 * @param onLeftBehind Told the key when deleting failed.
 */
export async function roundTrip(
  probe: Probe,
  key: string,
  onLeftBehind: (key: string) => void,
): Promise<RoundTrip> {
  const body = randomBytes(16);
  const versions = new Set<string>();
  const put = async (bytes: Uint8Array, isConditional: boolean) => {
    const versionId = await probe.put(key, bytes, crc32(bytes), isConditional);
    if (versionId !== undefined) versions.add(versionId);
  };
  try {
    const first = await outcome(() => put(body, true));
    const knowsConditions = first?.code !== 'not-supported';
    const stored = knowsConditions ? first : await outcome(() => put(body, false));
    if (stored) return nothingLearned(stored);

    const conditionalWrites = knowsConditions
      ? overwriting(await outcome(() => put(randomBytes(16), true)))
      : { value: false, note: NO_CONDITIONS };
    const { info, ...reading } = await readObject(probe, key);
    if (info === undefined) {
      const fullObjectChecksum = unknown(reading.get.reason ?? 'Not visible to this account.');
      return { conditionalWrites, fullObjectChecksum, reading };
    }
    // Bytes that came to be over the first ones have another checksum: then only its presence counts.
    const isFirst = conditionalWrites.value !== false || !knowsConditions;
    const isKept = isFirst ? info.crc32 === crc32(body) : info.crc32 !== undefined;
    return {
      conditionalWrites,
      fullObjectChecksum: isKept ? { value: true } : { value: false, note: NO_CHECKSUM },
      reading,
      stored: info,
    };
  } finally {
    // Also after a failure: the answer may have been lost on the way, with the object stored.
    for (const versionId of versions.size > 0 ? versions : [undefined])
      await removeOr(probe, key, versionId, onLeftBehind);
  }
}

/** Why there can be no round trip; `undefined` when there can be one that leaves no trace. */
export function whyNoRoundTrip(
  verdicts: Verdicts,
  isVersioned: boolean | 'unknown',
): string | undefined {
  if (verdicts['s3:PutObject'].permission !== 'allowed') return 'Not tried: uploading is needed.';
  if (verdicts['s3:DeleteObject'].permission !== 'allowed')
    return 'Not tried: the test object could not be deleted again.';
  if (isVersioned === 'unknown')
    return 'Not tried: the bucket may keep old versions, so that a test object would stay.';
  return isVersioned
    ? 'Not tried: the bucket keeps old versions, so that a test object would stay.'
    : undefined;
}

export function withoutRoundTrip(reason: string): RoundTrip {
  return {
    fullObjectChecksum: unknown(reason),
    conditionalWrites: unknown(reason),
    reading: notRead,
  };
}

/** @param lists What asking for the parts of an upload told. */
export function listPartsAbility(lists: Verdict): Ability {
  if (lists.permission === 'allowed') return { value: true };
  if (lists.trouble?.code === 'not-supported') return { value: false };
  return unknown(lists.reason ?? 'Not visible to this account.');
}

export function unknown(note: string): Ability {
  return { value: 'unknown', note };
}

function overwriting(second: AppError | undefined): Ability {
  if (second === undefined) return { value: false, note: NO_CONDITIONS };
  if (second.code === 'key-taken') return { value: true };
  return unknown(`${second.title}: ${second.message}`);
}

function nothingLearned(error: AppError): RoundTrip {
  return withoutRoundTrip(`${error.title}: ${error.message}`);
}

/** @throws What is not the storage's doing. */
async function outcome(request: () => Promise<void>): Promise<AppError | undefined> {
  try {
    await request();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
