import { S3Error } from '../errors.ts';
import type { ObjectMeta } from '../store/model.ts';

export type Tags = ObjectMeta['tags'];

const MAX_TAGS = 10;

/** Tags as the header writes them: `a=1&b=2`, percent-encoded. */
export function parseTagHeader(header: string): Tags {
  return checkTags([...new URLSearchParams(header)]);
}

/** @throws S3Error `InvalidTag` for more than ten, a key given twice, or letters S3 does not take. */
export function checkTags(tags: Tags): Tags {
  const names = new Set(tags.map(([name]) => name));
  if (tags.length > MAX_TAGS) throw new S3Error('InvalidTag', 'Object tags cannot be more than 10');
  if (names.size < tags.length) throw new S3Error('InvalidTag', 'A tag key occurs twice.');
  for (const [name, value] of tags) {
    const isValid = [name, value].every((text) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text));
    if (!isValid || name === '' || name.length > 128 || value.length > 256) {
      throw new S3Error('InvalidTag');
    }
  }
  return tags;
}
