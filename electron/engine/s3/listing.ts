import { AppError } from '#shared/errors.ts';
import { isMutant } from '../test-hooks.ts';
import type { Listing } from './light-xml.ts';
import type { ListPage } from './remote.ts';

/**
 * A page of `ListObjectsV2`, if it can be believed.
 *
 * @param asked The token that this page was asked for with.
 * @throws AppError `not-storage`
 */
export function toPage(listing: Listing, bucket: string, asked: string | undefined): ListPage {
  const { objects, keyCount = 0, isTruncated, next } = listing;
  // Bug 9: an answer without objects is a bucket without objects.
  if (isMutant(9) && objects.length === 0) return { objects, next: undefined };
  // An answer that does not name our bucket is not S3's, and an empty list from it means nothing.
  if (listing.bucket !== bucket)
    throw new AppError('not-storage', 'The listing did not name the bucket');
  // Nor is a page whose end was lost on the way all that there is.
  if (isTruncated === undefined || objects.length < keyCount)
    throw new AppError('not-storage', 'The listing is not whole');
  if (isTruncated && [undefined, '', asked].includes(next))
    throw new AppError('not-storage', 'A truncated listing without a next page');
  return { objects, next: isTruncated ? next : undefined };
}
