import type { Call } from '../call.ts';
import { S3Error } from '../errors.ts';
import type { Version } from '../store/model.ts';

/**
 * The version a request is about: the newest, or the one its `versionId` names.
 *
 * @throws S3Error `NoSuchKey`, `NoSuchVersion`, or `MethodNotAllowed` for a delete marker by its id.
 */
export function requireVersion(
  call: Call,
  place: { bucket: string; key: string; versionId: string | undefined } = {
    bucket: call.request.bucket,
    key: call.request.key,
    versionId: call.request.query.get('versionId'),
  },
): Version {
  const { bucket, key, versionId } = place;
  const version = call.store.versions.find(bucket, key, versionId);
  if (version && !version.marker) return version;
  const headers: Record<string, string> = version
    ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId }
    : {};
  if (versionId === undefined) {
    throw new S3Error('NoSuchKey', undefined, { fields: { Key: key }, headers });
  }
  if (!version) {
    throw new S3Error('NoSuchVersion', undefined, { fields: { Key: key, VersionId: versionId } });
  }
  throw new S3Error('MethodNotAllowed', undefined, {
    fields: { Method: call.request.method, ResourceType: 'DeleteMarker' },
    headers: { ...headers, allow: 'DELETE' },
  });
}
