import { describe, expect, test } from 'vitest';
import { readEnvText } from '../../electron/engine/settings/env-file.ts';
import { storageSettings } from '../../electron/engine/settings/settings.ts';
import { parsePolicy } from '../../electron/engine/school/school-file.ts';
import { meantBucket } from '../../shared/bucket-address.ts';

const set = (bucket: string, more = {}) => storageSettings({ AWS_S3_BUCKET: bucket, ...more });
const at = (endpoint: string) => ({ AWS_S3_ENDPOINT_URL: endpoint });

describe('a bucket', () => {
  test.each([
    ['school-2026', undefined],
    [' s3://school-2026 ', undefined],
    ['s3://school-2026/', undefined],
    ['arn:aws:s3:::school-2026', undefined],
    ['arn:aws-cn:s3:::school-2026', undefined],
    ['https://school-2026.s3.amazonaws.com/', undefined],
    ['https://school-2026.s3.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['https://school-2026.s3-eu-west-1.amazonaws.com', 'eu-west-1'],
    ['https://school-2026.s3.dualstack.us-gov-east-1.amazonaws.com', 'us-gov-east-1'],
    ['https://s3.cn-north-1.amazonaws.com.cn/school-2026/', 'cn-north-1'],
    [
      'https://eu-west-1.console.aws.amazon.com/s3/buckets/school-2026?region=x&tab=objects',
      undefined,
    ],
    ['https://s3.console.aws.amazon.com/s3/buckets/school-2026?region=eu-west-1', 'eu-west-1'],
    [
      'https://us-west-2.console.aws.amazon.com/s3/buckets/school-2026?tab=objects&region=us-west-2',
      'us-west-2',
    ],
    [
      'https://us-gov-west-1.console.amazonaws-us-gov.com/s3/buckets/school-2026?region=us-gov-west-1',
      'us-gov-west-1',
    ],
    ['https://console.amazonaws-us-gov.com/s3/buckets/school-2026', undefined],
  ])('is taken from %j', (given, region) => {
    expect(meantBucket(given)).toMatchObject({ bucket: 'school-2026' });
    expect(set(given)).toMatchObject({ bucket: 'school-2026', region: region ?? 'us-east-1' });
  });

  test('whose region the console shows is looked for in another one where that is set by hand', () => {
    const shown =
      'https://s3.console.aws.amazon.com/s3/buckets/school?region=eu-west-1&tab=objects';
    expect(set(shown, { AWS_REGION: 'us-east-1' }).region).toBe('eu-west-1'); // As the template has it.
    expect(set(shown, { AWS_REGION: 'eu-north-1' }).region).toBe('eu-north-1');
    const named = 'https://school.s3.eu-west-1.amazonaws.com';
    expect(set(named, { AWS_REGION: 'eu-north-1' }).region).toBe('eu-west-1');
    const policy = { format: 1, storage: { bucket: shown } };
    expect(parsePolicy(JSON.stringify(policy)).storage?.region).toBe('eu-west-1');
  });

  test('whose name looks like a part of an address stays whole', () => {
    expect(set('https://s3.backup.s3.eu-west-1.amazonaws.com')).toMatchObject({
      bucket: 's3.backup',
      region: 'eu-west-1',
    });
    expect(set('s3.backup').bucket).toBe('s3.backup');
  });

  test.each([
    ['s3://school/2026', /enter the bucket’s name alone, school\./],
    ['arn:aws:s3:::school/*', /enter the bucket’s name alone, school\./],
    ['https://school.s3.amazonaws.com/audio/x.mp3?X-Amz-Date=1', /name alone, school\./],
    ['https://console.aws.amazon.com/s3/buckets/school?prefix=2026/', /name alone, school\./],
    ['arn:aws:s3:eu-west-1:1:accesspoint/x', /ARN of something else/],
    ['https://s3.school.example/recordings', /web address .* as the endpoint/],
    ['https://school.s3.amazonaws.com.evil.example', /web address/],
    ['https://console.amazonaws-us-gov.com.evil.example/s3/buckets/school', /web address/],
    ['https://s3.eu-west-1.amazonaws.com', /not a bucket name/],
    ['s3://', /not a bucket name/],
    ['two words', /not a bucket name: "two words"/],
  ])('is not guessed from %j', (given, why) => {
    expect(() => set(given)).toThrow(why);
  });

  test('of Amazon S3 is not looked for in another storage, nor its address taken for all of S3', () => {
    const address = 'https://school.s3.eu-west-1.amazonaws.com';
    expect(() => set(address, at('https://s3.school.example'))).toThrow(/another storage/);
    expect(set(address, at('https://s3.eu-west-1.amazonaws.com')).bucket).toBe('school');
    expect(set('s3://school', at('https://s3.school.example')).bucket).toBe('school');
    expect(() => set('school', at(address))).toThrow(/^AWS_S3_ENDPOINT_URL is the address of one/);
  });

  test('is the plain name in a school’s policy, and no trouble of a .env file', () => {
    const bucket = 'https://school.s3.eu-west-1.amazonaws.com';
    expect(parsePolicy(JSON.stringify({ format: 1, storage: { bucket } })).storage).toEqual({
      bucket: 'school',
      region: 'eu-west-1',
      endpoint: '',
    });
    expect(readEnvText(`AWS_S3_BUCKET=${bucket}`).notes).toEqual([]);
  });
});
