/** @file What the storage itself can do, found by writing, reading and deleting one object of 16 bytes. */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ability, unknownAbility, type Abilities, type Ability } from '#shared/abilities.ts';
import { AppError } from '#shared/errors.ts';
import { inParts, type PartsTrip } from './doctor-parts.ts';
import {
  notRead,
  readObject,
  removeOr,
  type Reading,
  type Verdict,
  type Verdicts,
} from './doctor-permissions.ts';
import { unremembered } from '../s3/known.ts';
import type { Probe, Written } from '../s3/probe.ts';
import type { ObjectInfo } from '../s3/remote.ts';
import { asItTakes, ofObject } from '../s3/ways.ts';

type TripName =
  | 'checksums'
  | 'fullObjectChecksum'
  | 'conditionalWrites'
  | 'conditionalCompletes'
  | 'objectSize'
  | 'md5Etags';

export type RoundTrip = Readonly<{
  abilities: Pick<Abilities, TripName>;
  /** What reading the object told, where it came to that. */
  reading: Reading;
  /** What the storage said of the object; `undefined` where there was none to ask about. */
  stored?: ObjectInfo;
}>;

/**
 * Stores 16 bytes, tries to store others over them, in one request and in parts, asks for their checksums,
 * and deletes them, also when it is interrupted.
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
  const put = async (
    bytes: Uint8Array,
    isConditional: boolean,
    hasChecksum: boolean,
    sum = crc32(bytes),
  ) => {
    const sent = { body: bytes, crc32: hasChecksum ? sum : undefined };
    const written = await probe.put(key, sent, isConditional);
    if (written.versionId !== undefined) versions.add(written.versionId);
    return written;
  };
  try {
    const refused = unremembered();
    const first = await outcome(() =>
      asItTakes(refused, ofObject, ({ hasCondition, hasChecksum }) =>
        put(body, hasCondition, hasChecksum),
      ),
    );
    if (first instanceof AppError) return nothingLearned(first);
    // Ceph's gateway takes a checksum along and looks at none. What is there already stays the same.
    const wrongSum = (crc32(body) ^ 1) >>> 0;
    const checksums =
      refused.get('checksums') === false
        ? ability('checksums', false)
        : refusing(await outcome(() => put(body, false, true, wrongSum)));
    const hasChecksum = checksums.value !== false;
    const conditionalWrites =
      refused.get('conditionalWrites') === false
        ? ability('conditionalWrites', false)
        : overwriting(await outcome(() => put(randomBytes(16), true, hasChecksum)));
    const { info, ...reading } = await readObject(probe, key);
    // Bytes that came to be over the first ones have another checksum: then only its presence counts.
    const isFirst = conditionalWrites.value !== false || refused.get('conditionalWrites') === false;
    const isKept = isFirst ? info?.crc32 === crc32(body) : info?.crc32 !== undefined;
    const parts = await inParts(probe, key, hasChecksum, onLeftBehind);
    return {
      abilities: {
        checksums,
        conditionalWrites,
        fullObjectChecksum:
          info === undefined
            ? unknownAbility(reading.get.reason ?? 'Not visible to this account.')
            : wholeChecksum(isKept, parts),
        conditionalCompletes: parts.conditionalCompletes,
        objectSize: parts.objectSize,
        md5Etags: ability('md5Etags', isMd5(first, body)),
      },
      reading,
      ...(info && { stored: info }),
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
  const nothing = unknownAbility(reason);
  return {
    abilities: {
      checksums: nothing,
      fullObjectChecksum: nothing,
      conditionalWrites: nothing,
      conditionalCompletes: nothing,
      objectSize: nothing,
      md5Etags: nothing,
    },
    reading: notRead,
  };
}

/** @param lists What asking for the parts of an upload told. */
export function listPartsAbility(lists: Verdict): Ability {
  if (lists.permission === 'allowed') return ability('listParts', true);
  if (lists.trouble?.code === 'not-supported') return ability('listParts', false);
  return unknownAbility(lists.reason ?? 'Not visible to this account.');
}

/** @param answer To a body with a wrong checksum: trouble of another kind says nothing of checksums. */
function refusing(answer: Written | AppError): Ability {
  if (!(answer instanceof AppError)) return ability('checksums', false);
  if (answer.code === 'damaged-in-transit' || answer.code === 'request-refused')
    return ability('checksums', true);
  return unknownAbility(`${answer.title}: ${answer.message}`);
}

function overwriting(second: Written | AppError): Ability {
  if (!(second instanceof AppError)) return ability('conditionalWrites', false);
  if (second.code === 'key-taken') return ability('conditionalWrites', true);
  return unknownAbility(`${second.title}: ${second.message}`);
}

/** Of large recordings it is the checksum that counts, and those go in parts. */
function wholeChecksum(isKept: boolean, { hasWholeChecksum }: PartsTrip): Ability {
  if (!isKept) return ability('fullObjectChecksum', false);
  return hasWholeChecksum === 'unknown'
    ? unknownAbility('It could not be asked of an object in parts.')
    : ability('fullObjectChecksum', hasWholeChecksum);
}

const isMd5 = ({ etag }: Written, body: Uint8Array) =>
  etag === createHash('md5').update(body).digest('hex');

function nothingLearned(error: AppError): RoundTrip {
  return withoutRoundTrip(`${error.title}: ${error.message}`);
}

/** @throws What is not the storage's doing. */
async function outcome<T>(request: () => Promise<T>): Promise<T | AppError> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
