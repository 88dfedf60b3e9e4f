/** @file Whole lists of what a bucket holds, however many pages they have. */
import {
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ListMultipartUploadsOutput,
  type ListObjectVersionsOutput,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3';

/** Every version of every object, the newest of each key first. */
export async function allVersions(client: S3Client, Bucket: string): Promise<ObjectVersion[]> {
  const pages = await everyPage<ListObjectVersionsOutput>((last) => {
    const from = { KeyMarker: last?.NextKeyMarker, VersionIdMarker: last?.NextVersionIdMarker };
    return client.send(new ListObjectVersionsCommand({ Bucket, ...from }));
  });
  return pages.flatMap(({ Versions = [] }) => Versions);
}

/** Every upload that was neither completed nor ended. */
export async function allUploads(
  client: S3Client,
  Bucket: string,
): Promise<{ key: string; id: string }[]> {
  const pages = await everyPage<ListMultipartUploadsOutput>((last) => {
    const from = { KeyMarker: last?.NextKeyMarker, UploadIdMarker: last?.NextUploadIdMarker };
    return client.send(new ListMultipartUploadsCommand({ Bucket, ...from }));
  });
  return pages.flatMap(({ Uploads = [] }) =>
    Uploads.map(({ Key = '', UploadId = '' }) => ({ key: Key, id: UploadId })),
  );
}

async function everyPage<Page extends { IsTruncated?: boolean | undefined }>(
  ask: (last: Page | undefined) => Promise<Page>,
): Promise<Page[]> {
  const pages = [await ask(undefined)];
  while (pages.at(-1)!.IsTruncated === true) pages.push(await ask(pages.at(-1)));
  return pages;
}
