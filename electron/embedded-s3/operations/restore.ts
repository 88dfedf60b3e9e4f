/**
 * @file Objects in archives, and bringing them back, by the API reference, "RestoreObject", and the S3 user
 * guide, "Working with archived objects".
 */
import { readXml, requireBucket, type Call, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import { toWholeNumber } from '../request.ts';
import type { Restore, Version } from '../store/model.ts';
import { child, childText, type XmlElement } from '../xml/reader.ts';
import { versionHeader } from './object-meta.ts';
import { requireVersion } from './object-version.ts';

const DAY_MS = 86_400_000;
/** On AWS it is hours. Here somebody tries it out. */
const USUAL_RESTORE_MS = 60_000;
/** From the slowest to the fastest. */
const tiers = ['Bulk', 'Standard', 'Expedited'];

const closedClasses = new Set(['GLACIER', 'DEEP_ARCHIVE']);

type Archive = Readonly<{ isTier: boolean; isDeep: boolean }>;

/** Where an object lies whose bytes are not at hand; what has come back does not count. */
function archiveOf({ switches, nowMs }: Call, { meta }: Version): Archive | undefined {
  const { storageClass, restore } = meta;
  if (closedClasses.has(storageClass))
    return { isTier: false, isDeep: storageClass === 'DEEP_ARCHIVE' };
  const tier = storageClass === 'INTELLIGENT_TIERING' ? switches?.tieredTo : undefined;
  if (tier === undefined || (restore !== undefined && restore.readyAtMs <= nowMs)) return undefined;
  return { isTier: true, isDeep: tier === 'DEEP_ARCHIVE_ACCESS' };
}

/** What was asked for, as long as there is something of it. */
function restoreOf({ nowMs }: Call, { meta: { restore } }: Version): Restore | undefined {
  return restore && nowMs < (restore.endsAtMs ?? Infinity) ? restore : undefined;
}

export function isClosed(call: Call, version: Version): boolean {
  const readyAtMs = restoreOf(call, version)?.readyAtMs ?? Infinity;
  return archiveOf(call, version) !== undefined && call.nowMs < readyAtMs;
}

/** @throws S3Error `InvalidObjectState` */
export function requireReadable(call: Call, version: Version): void {
  if (!isClosed(call, version)) return;
  throw new S3Error('InvalidObjectState', undefined, {
    fields: { StorageClass: version.meta.storageClass },
  });
}

/** What GET and HEAD say of it. */
export function archiveHeaders(call: Call, version: Version) {
  const archive = archiveOf(call, version);
  if (archive === undefined) return {};
  return {
    'x-amz-archive-status': archive.isTier ? call.switches?.tieredTo : undefined,
    'x-amz-restore': restoreHeader(call, restoreOf(call, version)),
  };
}

function restoreHeader({ nowMs }: Call, restore: Restore | undefined): string | undefined {
  if (restore === undefined) return undefined;
  if (nowMs < restore.readyAtMs) return 'ongoing-request="true"';
  const ends = restore.endsAtMs;
  return `ongoing-request="false"${ends === undefined ? '' : `, expiry-date="${new Date(ends).toUTCString()}"`}`;
}

export const restoreObject: Handler = async (call) => {
  requireVersion(call);
  const { days, tier } = readOrder(await readXml(call, 'RestoreRequest'));
  return call.store.commit(() => {
    const { versioning } = requireBucket(call);
    const version = requireVersion(call);
    const archive = archiveOf(call, version);
    if (archive === undefined)
      throw new S3Error(
        'InvalidObjectState',
        "Restore is not allowed for the object's current storage class",
        { fields: { StorageClass: version.meta.storageClass } },
      );
    checkOrder(archive, days, tier);
    const before = restoreOf(call, version);
    const isReady = before !== undefined && before.readyAtMs <= call.nowMs;
    // Under way it is only made faster.
    if (before && !isReady && tiers.indexOf(tier) <= tiers.indexOf(before.tier))
      throw new S3Error('RestoreAlreadyInProgress');
    const takesMs = call.switches?.restoreMs ?? USUAL_RESTORE_MS;
    const readyAtMs = Math.min(before?.readyAtMs ?? Infinity, call.nowMs + takesMs);
    const restore: Restore = {
      tier,
      readyAtMs,
      ...(days !== undefined && { endsAtMs: endOf(Math.max(readyAtMs, call.nowMs), days) }),
    };
    call.store.versions.setMeta(version.seq, { ...version.meta, restore });
    return {
      status: isReady ? 200 : 202,
      headers: versionHeader(version.versionId, versioning !== ''),
    };
  });
};

/** So many days later, and to the next midnight from there, UTC. */
function endOf(fromMs: number, days: number): number {
  return (Math.floor(fromMs / DAY_MS) + days + 1) * DAY_MS;
}

type Order = Readonly<{ days: number | undefined; tier: string }>;

/** @throws S3Error `MalformedXML` */
function readOrder(document: XmlElement): Order {
  const text = childText(document, 'Days');
  const days = text === undefined ? undefined : (toWholeNumber(text) ?? 0);
  const parameters = child(document, 'GlacierJobParameters');
  const tier = parameters ? childText(parameters, 'Tier') : 'Standard';
  if (days === 0 || tier === undefined || !tiers.includes(tier)) throw new S3Error('MalformedXML');
  return { days, tier };
}

function checkOrder({ isTier, isDeep }: Archive, days: number | undefined, tier: string): void {
  if (isTier && days !== undefined)
    throw new S3Error(
      'InvalidArgument',
      'INTELLIGENT_TIERING objects are not subject to restore expiry. Do not specify Days when restoring this object',
    );
  if (!isTier && days === undefined) throw new S3Error('MalformedXML');
  if (isDeep && tier === 'Expedited')
    throw new S3Error('InvalidArgument', 'Retrieval option is not supported by this storage class');
}
