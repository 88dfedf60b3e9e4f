/** @file What the storage can do with an object that comes in parts: one part of 16 bytes, over a test object. */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ability, unknownAbility, type Abilities } from '#shared/abilities.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { Probe } from '../s3/probe.ts';

export type PartsTrip = Pick<Abilities, 'conditionalCompletes' | 'objectSize'> &
  Readonly<{ hasWholeChecksum: boolean | 'unknown' }>;

type Test = 'conditionalCompletes' | 'objectSize';
/** What must be refused, and how. */
const tests = {
  conditionalCompletes: [{ IfNoneMatch: '*' }, ['key-taken']],
  objectSize: [{ MpuObjectSize: 17 }, ['request-refused', 'damaged-in-transit', 'too-large']],
} as const satisfies Record<Test, readonly [object, readonly ErrorCode[]]>;

/**
 * Puts an upload together in ways that a strict storage refuses, and at last in a right one, so that no
 * upload stays open.
 *
 * @param key   An object of the test's own, which it may be written over.
 * @param onLeftBehind Told the key when an upload stayed open.
 */
export async function inParts(
  probe: Probe,
  key: string,
  hasChecksum: boolean,
  onLeftBehind: (key: string) => void,
): Promise<PartsTrip> {
  const body = randomBytes(16);
  const sum = hasChecksum ? crc32(body) : undefined;
  let open: { id: string; etag: string } | undefined;
  async function complete(more: Parameters<Probe['complete']>[3]): Promise<void> {
    if (open === undefined) {
      const id = await probe.openUpload(key, hasChecksum);
      open = { id, etag: '' };
      open = { id, etag: await probe.putPart(key, id, { body, crc32: sum }) };
    }
    await probe.complete(key, open.id, { etag: open.etag, crc32: sum }, more);
    open = undefined;
  }
  async function refuses(name: Test) {
    const [wrong, means] = tests[name];
    try {
      await complete(wrong);
      return ability(name, false);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'upload-gone') open = undefined;
      if (means.some((code) => code === error.code)) return ability(name, true);
      if (error.code === 'not-supported') return ability(name, false);
      return unknownAbility(`${error.title}: ${error.message}`);
    }
  }
  try {
    const conditionalCompletes = await refuses('conditionalCompletes');
    const objectSize = await refuses('objectSize');
    let hasWholeChecksum: boolean | 'unknown' = 'unknown';
    try {
      await complete({});
      hasWholeChecksum = (await probe.head(key)).crc32 === crc32(body);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
    return { conditionalCompletes, objectSize, hasWholeChecksum };
  } finally {
    if (open !== undefined) {
      const { id } = open;
      await probe.abortUpload(key, id).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        if (error.code !== 'upload-gone') onLeftBehind(key);
      });
    }
  }
}
