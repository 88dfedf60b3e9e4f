/** @file If-Match and its relatives, for reads and for writes. */
import { S3Error } from '../errors.ts';
import type { S3Request } from '../request.ts';
import type { Version } from '../store/model.ts';
import { quoteEtag, unquoteEtag } from './object-meta.ts';

/**
 * Checks the conditions of a GET, HEAD or copy.
 *
 * @param prefix `x-amz-copy-source-` for the source of a copy, where nothing is "not modified".
 * @throws S3Error `PreconditionFailed` or `NotModified`
 */
export function checkReadConditions(request: S3Request, version: Version, prefix = ''): void {
  const header = (name: string): string | undefined => request.headers.get(`${prefix}${name}`);
  const modifiedSeconds = Math.floor(version.modifiedMs / 1000);
  const unchanged = (name: string): S3Error =>
    prefix === '' && request.method !== 'PUT'
      ? new S3Error('NotModified', undefined, { headers: { etag: quoteEtag(version.etag) } })
      : failed(name);
  const ifMatch = header('if-match');
  const ifUnmodifiedSince = toSeconds(header('if-unmodified-since'));
  const ifNoneMatch = header('if-none-match');
  const ifModifiedSince = toSeconds(header('if-modified-since'));
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, version.etag)) throw failed('If-Match');
  } else if (ifUnmodifiedSince !== undefined && modifiedSeconds > ifUnmodifiedSince) {
    throw failed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, version.etag)) throw unchanged('If-None-Match');
  } else if (ifModifiedSince !== undefined && modifiedSeconds <= ifModifiedSince) {
    throw unchanged('If-Modified-Since');
  }
}

export interface WriteConditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: boolean;
}

/** @returns `undefined` for a write without conditions. */
export function readWriteConditions(request: S3Request): WriteConditions | undefined {
  const ifMatch = request.headers.get('if-match');
  const ifNoneMatch = request.headers.get('if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*') {
    throw new S3Error('NotImplemented', 'If-None-Match on a write takes only *');
  }
  if (ifMatch === undefined && ifNoneMatch === undefined) return undefined;
  return { ifMatch, ifNoneMatch: ifNoneMatch !== undefined };
}

/**
 * Checks the conditions of a PUT, Complete or DELETE against what the key holds now.
 *
 * @param current The newest version, or `undefined`. A delete marker counts as nothing.
 * @param wasDeleted Whether the key was deleted since the request began.
 * @throws S3Error `PreconditionFailed`, `NoSuchKey` or `ConditionalRequestConflict`
 */
export function checkWriteConditions(
  conditions: WriteConditions | undefined,
  current: Version | undefined,
  wasDeleted = false,
): void {
  if (!conditions) return;
  const existing = current?.marker === true ? undefined : current;
  if (conditions.ifNoneMatch && existing) throw failed('If-None-Match');
  if (wasDeleted) throw new S3Error('ConditionalRequestConflict');
  if (conditions.ifMatch === undefined) return;
  if (!existing) throw new S3Error('NoSuchKey');
  if (!matches(conditions.ifMatch, existing.etag)) throw failed('If-Match');
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', undefined, { fields: { Condition: condition } });
}

function matches(header: string, etag: string): boolean {
  return header.split(',').some((tag) => tag.trim() === '*' || unquoteEtag(tag) === etag);
}

function toSeconds(date: string | undefined): number | undefined {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
