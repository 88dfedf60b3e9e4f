/** @file Where the storage is: which bucket a person means, and at which address. */
import {
  atAmazon,
  meantBucket,
  regionOf,
  USUAL_REGION,
  withScheme,
} from '#shared/bucket-address.ts';
import { AppError } from '#shared/errors.ts';
import { isLoopback } from '#shared/loopback.ts';

/**
 * The bucket that is meant, and its region.
 *
 * @param region   As it is set by hand, if it is.
 * @param endpoint As `endpointUrl` gave it.
 * @throws AppError `settings-wrong`
 */
export function bucketIn(
  given: string,
  region: string | undefined,
  endpoint: string | undefined,
): { bucket: string; region: string } {
  const meant = meantBucket(given);
  if ('wrong' in meant) throw new AppError('settings-wrong', `AWS_S3_BUCKET ${meant.wrong}`);
  if (meant.isAmazons && endpoint !== undefined && !atAmazon(new URL(endpoint).hostname))
    throw new AppError(
      'settings-wrong',
      'AWS_S3_BUCKET is an address of Amazon S3, but AWS_S3_ENDPOINT_URL is that of another storage: enter the bucket’s name alone, or leave the endpoint empty',
    );
  return { bucket: meant.bucket, region: regionOf(meant, region) };
}

/**
 * As it is meant, for who is shown it. What is not certain stays as it was given, for `bucketIn` to judge: an address
 * at Amazon beside an endpoint, which may be another storage’s.
 */
export function shownPlace(
  bucket: string,
  region: string,
  endpoint: string,
): { bucket: string; region: string } {
  const meant = meantBucket(bucket);
  return 'wrong' in meant || (meant.isAmazons && endpoint !== '')
    ? { bucket, region: region || USUAL_REGION }
    : { bucket: meant.bucket, region: regionOf(meant, region) };
}

/**
 * The endpoint with its scheme. Plain http leaves this computer only when AWS_S3_USE_SSL=false says so.
 *
 * @throws AppError `settings-wrong`
 */
export function endpointUrl(given: string | undefined, useSsl: boolean): string | undefined {
  if (given === undefined) return undefined;
  const address = withScheme(given, useSsl);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.username || url.search || url.hash)
    throw new AppError('settings-wrong', 'AWS_S3_ENDPOINT_URL is not a plain http(s) address');
  if (atAmazon(url.hostname)?.bucket !== undefined)
    throw new AppError(
      'settings-wrong',
      'AWS_S3_ENDPOINT_URL is the address of one bucket: leave it empty for Amazon S3, and enter the bucket as AWS_S3_BUCKET',
    );
  // What is encoded on the way is signed in more than one form.
  if (!/^(?:\/[\w.~-]+)*\/?$/.test(url.pathname))
    throw new AppError(
      'settings-wrong',
      'AWS_S3_ENDPOINT_URL has a path that cannot be signed; it may have letters, digits and . _ ~ - between single slashes',
    );
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && useSsl)
    throw new AppError(
      'settings-wrong',
      'AWS_S3_ENDPOINT_URL is plain http to another computer; set AWS_S3_USE_SSL=false if that is really meant',
    );
  return url.href.replace(/\/$/, '');
}
