import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { AppError } from '#shared/errors.ts';
import { proof, removed, toInfo } from './answers.ts';
import { readVersioning } from './bucket-settings.ts';
import { readLifecycle } from './lifecycle.ts';
import type { ListedVersion, Remote } from './remote.ts';

type Versions = Pick<
  Remote,
  'versioning' | 'listVersions' | 'headVersion' | 'removeMarker' | 'lifecycleRules'
>;

/** What a bucket keeps of what was deleted, over the AWS SDK. */
export function sdkVersions(client: S3Client, bucket: string): Versions {
  return {
    versioning: (signal) => readVersioning(client, bucket, signal),

    async listVersions(prefix, maxKeys, from, abortSignal) {
      const page = await client.send(
        new ListObjectVersionsCommand({
          Bucket: bucket,
          Prefix: prefix,
          MaxKeys: maxKeys,
          KeyMarker: from?.key,
          VersionIdMarker: from?.versionId,
        }),
        { abortSignal },
      );
      // A storage that knows no versions lists its objects instead: that is no list without deletions.
      if (page.KeyMarker === undefined)
        throw new AppError('not-supported', 'The answer is no list of versions');
      if (page.Name !== bucket || page.IsTruncated === undefined)
        throw new AppError('not-storage', 'The list of versions did not name the bucket');
      const name = 'ListObjectVersions';
      const toVersion = (
        { Key, VersionId, IsLatest, LastModified }: Listed,
        rest: Pick<ListedVersion, 'isMarker' | 'sizeBytes' | 'storageClass'>,
      ): ListedVersion => ({
        key: proof(Key, page, name),
        versionId: proof(VersionId, page, name),
        // What goes on from the page before is behind a newer one, whatever Swift calls it.
        isLatest: IsLatest === true && !(from?.versionId && Key === from.key),
        lastModifiedMs: LastModified?.getTime() ?? 0,
        ...rest,
      });
      const versions = [
        ...(page.DeleteMarkers ?? []).map((one) =>
          toVersion(one, { isMarker: true, sizeBytes: 0, storageClass: null }),
        ),
        ...(page.Versions ?? []).map((one) =>
          toVersion(one, {
            isMarker: false,
            sizeBytes: one.Size ?? 0,
            storageClass: one.StorageClass ?? null,
          }),
        ),
      ];
      const { NextKeyMarker: key } = page;
      const before = page.IsTruncated ? beforeNameless(versions, key) : undefined;
      if (before !== undefined)
        return {
          versions: versions.filter((version) => isUpTo(version.key, before.key)),
          next: { key: before.key, versionId: before.versionId },
        };
      const versionId = lastListed(versions, key, page.NextVersionIdMarker);
      const isStill = key === from?.key && versionId === from?.versionId;
      if (page.IsTruncated && (!key || isStill))
        throw new AppError('not-storage', 'A truncated list of versions without a next page');
      return {
        versions,
        next: page.IsTruncated && key ? { key, versionId } : undefined,
      };
    },

    async headVersion(key, versionId, abortSignal) {
      try {
        const head = { Bucket: bucket, Key: key, VersionId: versionId };
        return toInfo(key, await client.send(new HeadObjectCommand(head), { abortSignal }));
      } catch (error) {
        if (error instanceof AppError && error.code === 'no-object') return undefined;
        throw error;
      }
    },

    async removeMarker(key, versionId, abortSignal) {
      // Without a number it would delete the object; "null" may be a real version by now.
      if (versionId === '' || versionId === 'null')
        throw new Error('Only a marker with a number of its own is removed');
      const marker = { Bucket: bucket, Key: key, VersionId: versionId };
      const answer = await client.send(new DeleteObjectCommand(marker), { abortSignal });
      if (answer.VersionId && answer.VersionId !== versionId) {
        // One that overlooks the number names the marker that it has laid over it; Swift what is on top now.
        const list = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key });
        const { DeleteMarkers = [] } = await client.send(list, { abortSignal });
        const isLaid = DeleteMarkers.some(
          (one) => one.Key === key && one.VersionId === answer.VersionId,
        );
        if (answer.DeleteMarker === true || isLaid)
          throw new AppError('not-supported', 'The storage removed no marker by its number');
      }
      const isBack = () =>
        client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }).then(
          () => true,
          () => false,
        );
      await removed(answer, 'DeleteObject', isBack);
    },

    lifecycleRules: async (signal) => (await readLifecycle(client, bucket, signal)).rules,
  };
}

/**
 * The last one before which a page has to end, since of its last key no more is on it than what is on top and has no
 * number: by "null" Swift lists no marker behind it, by the key alone Ceph lists it again, and others leave out what
 * is kept below. It has a number, and is the only one of its key here, so that it is certainly the last of it.
 */
function beforeNameless(
  versions: readonly ListedVersion[],
  key: string | undefined,
): ListedVersion | undefined {
  const byKey = Map.groupBy(versions, (version) => version.key);
  const [top, ...below] = byKey.get(key ?? '') ?? [];
  const isNameless = top?.versionId === 'null' && top.isLatest && !top.isMarker;
  if (!isNameless || below.length > 0) return undefined;
  return [...byKey.values()]
    .filter(({ length }) => length === 1)
    .map(([only]) => only!)
    .filter(({ versionId }) => versionId !== 'null')
    .reduce<ListedVersion | undefined>(
      (last, one) => (last && isUpTo(one.key, last.key) ? last : one),
      undefined,
    );
}

/** In the storage's order, which is that of their bytes. */
function isUpTo(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) <= 0;
}

/**
 * Where the next page begins. Swift says "null" for every number, and lists no marker behind it: then the oldest
 * that it listed of the key is meant, whose numbers grow with time, or the key alone, where it was stored before
 * there were versions. Elsewhere that leaves out what is kept below such a one that is a page by itself.
 */
function lastListed(
  versions: readonly ListedVersion[],
  key: string | undefined,
  told: string | undefined,
): string | undefined {
  if (told !== 'null') return told;
  const ofKey = versions.filter((version) => version.key === key);
  const nameless = ofKey.find(({ versionId }) => versionId === 'null');
  if (nameless && (nameless.isMarker || !nameless.isLatest)) return told;
  const [oldest] = ofKey
    .filter((version) => version !== nameless)
    .toSorted(
      (a, b) => a.lastModifiedMs - b.lastModifiedMs || (a.versionId < b.versionId ? -1 : 1),
    );
  return oldest?.versionId;
}

type Listed = Readonly<{
  Key?: string | undefined;
  VersionId?: string | undefined;
  IsLatest?: boolean | undefined;
  LastModified?: Date | undefined;
}>;
