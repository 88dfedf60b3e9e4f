import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readError, readListing } from '../../electron/engine/s3/light-xml.ts';
import { element, xmlDocument } from '../../electron/embedded-s3/xml/writer.ts';

const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });

test('reads back each object that a listing names, whatever its key', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ key, sizeBytes: fc.nat() }), { maxLength: 20 }),
      key,
      (objects, next) => {
        const xml = xmlDocument(
          'ListBucketResult',
          element('Name', 'bucket'),
          element('Prefix', '<Contents>'),
          element('KeyCount', objects.length),
          element('IsTruncated', true),
          ...objects.map((object) =>
            element('Contents', [
              element('Key', object.key),
              element('LastModified', '2026-01-02T03:04:05.000Z'),
              element('ETag', '"e"'),
              element('Size', object.sizeBytes),
              element('StorageClass', 'STANDARD_IA'),
            ]),
          ),
          element('NextContinuationToken', next),
        );
        expect(readListing(xml)).toEqual({
          bucket: 'bucket',
          keyCount: objects.length,
          isTruncated: true,
          next,
          objects: objects.map((object) => ({
            ...object,
            lastModifiedMs: Date.UTC(2026, 0, 2, 3, 4, 5),
            storageClass: 'STANDARD_IA',
          })),
        });
      },
    ),
  );
});

test('a key cannot pass for what is said of the whole list', () => {
  const xml = xmlDocument(
    'ListBucketResult',
    element('Contents', [
      element('Key', '</Key></Contents><Name>other</Name><IsTruncated>false</IsTruncated>'),
      element('Size', 1),
    ]),
    element('Name', 'bucket'),
    element('IsTruncated', true),
  );
  expect(readListing(xml)).toMatchObject({ bucket: 'bucket', isTruncated: true });
  expect(readListing(xml).objects).toHaveLength(1);
});

test.each([
  ['nothing', ''],
  ['a page', '<html><ListBucketResult></ListBucketResult></html>'],
  ['a beginning', '<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated>'],
  ['half an object', '<ListBucketResult><Contents><Key>a</Key></ListBucketResult>'],
  [
    'an object without a size',
    '<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>',
  ],
])('%s is no listing', (_, xml) => {
  expect(() => readListing(xml)).toThrow(expect.objectContaining({ code: 'not-storage' }) as Error);
});

test('an error is read with what it says, and what is none is none', () => {
  const xml = xmlDocument(
    'Error',
    element('Code', 'AuthorizationHeaderMalformed'),
    element('Message', 'the region is <wrong>'),
    element('Region', 'eu-west-1'),
    element('RequestId', 'R1'),
  );
  expect(readError(xml)).toEqual({
    code: 'AuthorizationHeaderMalformed',
    message: 'the region is <wrong>',
    region: 'eu-west-1',
    requestId: 'R1',
  });
  expect(readError('<html>Forbidden</html>')).toBeUndefined();
});
