/** @file Which bucket is meant, where one is given as tools and the console of Amazon S3 write it. */

/** Its name, the region where the address names one, or where the console shows it; or why it is not certain, after a name for what was given. */
export type MeantBucket =
  | Readonly<{ bucket: string; region?: string; shownRegion?: string; isAmazons?: boolean }>
  | Readonly<{ wrong: string }>;

/** What forms and templates have where nobody has set one. */
export const USUAL_REGION = 'us-east-1';

/** The region of a bucket: a part of its address is certain, what the console shows may be of another page. @param set By hand. */
export const regionOf = (
  { region, shownRegion }: Readonly<{ region?: string; shownRegion?: string }>,
  set = '',
): string => region ?? (set === '' || set === USUAL_REGION ? (shownRegion ?? USUAL_REGION) : set);

/** A storage's address as programs take it; empty for Amazon's own. */
export const withScheme = (endpoint: string, useSsl: boolean): string =>
  endpoint === '' || endpoint.includes('://')
    ? endpoint
    : `${useSsl ? 'https' : 'http'}://${endpoint}`;

const bucketName = /^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/;

// https://docs.aws.amazon.com/general/latest/gr/s3.html
const amazonHost =
  /^(?:(?<bucket>.+)\.)?s3(?:-fips|-accelerate)?(?:\.dualstack)?(?:[.-](?<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$/;
const consoleHost =
  /^(?:[\w-]+\.)*console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$/;

/** The bucket whose address at Amazon S3 a host is, and its region. */
export function atAmazon(host: string): { bucket?: string; region?: string } | undefined {
  const found = amazonHost.exec(host.toLowerCase())?.groups;
  if (found === undefined) return undefined;
  const { bucket, region } = found;
  return { ...(bucket && { bucket }), ...(region && { region }) };
}

/**
 * A plain name, `s3://name`, an ARN, or the address of a bucket at Amazon S3. One that leads further, into the
 * bucket, is not taken: nobody can know whether recordings were to go there.
 */
export function meantBucket(given: string): MeantBucket {
  const text = given.trim();
  const [, rest] = /^(?:s3:\/\/|arn:aws[\w-]*:s3:::)(.*)$/i.exec(text) ?? [];
  if (rest !== undefined) return within(rest, text);
  if (/^arn:/i.test(text)) return { wrong: 'is the ARN of something else: enter a bucket’s name' };
  const [, host, path = '', query = ''] =
    /^https?:\/\/([^/?#]*)\/?([^?#]*)\??([^#]*)/i.exec(text) ?? [];
  return host === undefined ? within(text, text) : inAddress(host.toLowerCase(), path, query, text);
}

function inAddress(host: string, path: string, query: string, text: string): MeantBucket {
  const amazon = atAmazon(host);
  if (amazon) {
    const { bucket, region } = amazon;
    const place = bucket === undefined ? path : `${bucket}/${path}`;
    const meant = within(place, text);
    return 'wrong' in meant ? meant : { ...meant, ...(region && { region }), isAmazons: true };
  }
  const [, inConsole] = /^s3\/buckets\/(.+)$/.exec(path) ?? [];
  if (consoleHost.test(host) && inConsole !== undefined) {
    const [, prefix = ''] = /(?:^|&)prefix=([^&]+)/.exec(query) ?? [];
    const meant = within(`${inConsole.replace(/\/$/, '')}/${prefix}`, text);
    const [, shownRegion] = /(?:^|&)region=([a-z]{2}(?:-[a-z]+)+-\d)(?:&|$)/.exec(query) ?? [];
    return 'wrong' in meant
      ? meant
      : { ...meant, ...(shownRegion && { shownRegion }), isAmazons: true };
  }
  return {
    wrong:
      'is a web address that does not say which part of it is the bucket: enter the bucket’s name alone, and the storage’s address as the endpoint',
  };
}

function within(place: string, text: string): MeantBucket {
  const [, bucket = '', inside = ''] = /^([^/]*)\/?(.*)$/s.exec(place) ?? [];
  if (!bucketName.test(bucket)) return { wrong: `is not a bucket name: ${JSON.stringify(text)}` };
  if (inside === '') return { bucket };
  return {
    wrong: `leads to a place in a bucket: enter the bucket’s name alone, ${bucket}. Where recordings go in it follows from their class or user`,
  };
}
