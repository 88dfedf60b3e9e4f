import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { create as contentDisposition } from 'content-disposition';
import type { Address } from './address.ts';
import type { SignOptions } from './remote.ts';
import { toStorageError } from './errors.ts';

/**
 * A presigned GET under the recording's own name. It carries nothing that a plain browser would have to
 * add: the only signed header is the host.
 */
export async function presign(
  client: S3Client,
  { prefix, now }: Address,
  object: Readonly<{ bucket: string; key: string }>,
  options: SignOptions,
): Promise<string> {
  const { expiresInSeconds, mode, fileName, contentType } = options;
  try {
    const isPrefixSigned = now().isPrefixSigned;
    const signed = await getSignedUrl(
      client,
      new GetObjectCommand({
        Bucket: object.bucket,
        Key: object.key,
        ResponseContentDisposition: contentDisposition(fileName, {
          type: mode === 'watch' ? 'inline' : 'attachment',
        }),
        ResponseContentType: contentType,
      }),
      {
        expiresIn: expiresInSeconds,
        // The link counts from then: by the storage's clock, as every other request.
        signingDate: new Date(Date.now() + client.config.systemClockOffset),
      },
    );
    if (isPrefixSigned) return signed;
    const { origin } = new URL(signed);
    return origin + prefix + signed.slice(origin.length);
  } catch (error) {
    throw toStorageError(error);
  }
}
