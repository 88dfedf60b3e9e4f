import { requireBucket, xmlAnswer, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import { toWholeNumber } from '../request.ts';
import { element, xmlDocument } from '../xml/writer.ts';
import { versionHeader } from './object-meta.ts';
import { requireVersion } from './object-version.ts';
import { checkReadConditions } from './conditions.ts';

const MAX_PARTS_PAGE = 1000;

/** What is known about an object, without its bytes: the attributes the request names, and no others. */
export const getObjectAttributes: Handler = (call) => {
  const { request, store } = call;
  const bucket = requireBucket(call);
  const version = requireVersion(call);
  checkReadConditions(request, version);
  const wanted = new Set(
    (request.headers.get('x-amz-object-attributes') ?? '').split(',').map((name) => name.trim()),
  );
  if (wanted.has('')) throw new S3Error('InvalidArgument', 'x-amz-object-attributes is required');
  const { checksum } = version.meta;
  const segments = store.versions.segments(version.seq);
  const marker = toWholeNumber(request.headers.get('x-amz-part-number-marker')) ?? 0;
  const limit = Math.min(
    toWholeNumber(request.headers.get('x-amz-max-parts')) ?? MAX_PARTS_PAGE,
    MAX_PARTS_PAGE,
  );
  const rest = segments.filter((segment) => segment.number > marker);
  const parts = rest.slice(0, limit);
  const isMultipart = version.etag.includes('-');
  return xmlAnswer(
    xmlDocument(
      'GetObjectAttributesResponse',
      wanted.has('ETag') ? element('ETag', version.etag) : undefined,
      wanted.has('Checksum') && checksum
        ? element(
            'Checksum',
            element(`Checksum${checksum.name}`, checksum.value?.replace(/-\d+$/u, '')),
            element('ChecksumType', checksum.type),
          )
        : undefined,
      wanted.has('ObjectParts') && isMultipart
        ? element(
            'ObjectParts',
            element('TotalPartsCount', segments.length),
            element('PartNumberMarker', marker),
            element('NextPartNumberMarker', parts.at(-1)?.number ?? 0),
            element('MaxParts', limit),
            element('IsTruncated', rest.length > parts.length),
            checksum?.asked === true
              ? parts.map((part) =>
                  element(
                    'Part',
                    element('PartNumber', part.number),
                    element('Size', part.sizeBytes),
                    element(`Checksum${checksum.name}`, part.checksum),
                  ),
                )
              : [],
          )
        : undefined,
      wanted.has('StorageClass') ? element('StorageClass', version.meta.storageClass) : undefined,
      wanted.has('ObjectSize') ? element('ObjectSize', version.sizeBytes) : undefined,
    ),
    {
      ...versionHeader(version.versionId, bucket.versioning !== ''),
      'last-modified': new Date(version.modifiedMs).toUTCString(),
    },
  );
};
