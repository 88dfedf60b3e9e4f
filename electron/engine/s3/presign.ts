import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { create as contentDisposition } from 'content-disposition';
import type { SignOptions } from './remote.ts';
import { toStorageError } from './errors.ts';

/**
 * A presigned GET under the recording's own name. It carries nothing that a plain browser would have to
 * add: the only signed header is the host.
 */
export async function presign(
  client: S3Client,
  bucket: string,
  key: string,
  options: SignOptions,
): Promise<string> {
  const { expiresInSeconds, mode, fileName, contentType } = options;
  try {
    return await getSignedUrl(
      client,
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentDisposition: contentDisposition(fileName, {
          type: mode === 'watch' ? 'inline' : 'attachment',
        }),
        ResponseContentType: contentType,
      }),
      { expiresIn: expiresInSeconds },
    );
  } catch (error) {
    throw toStorageError(error);
  }
}
