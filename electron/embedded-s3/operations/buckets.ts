import { readXml, requireBucket, xmlAnswer, xmlTime, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import { childText } from '../xml/reader.ts';
import { element, xmlDocument } from '../xml/writer.ts';

/** 3 to 63 lower-case letters, digits, dots and hyphens, beginning and ending in a letter or digit. */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u;

/** @throws S3Error `InvalidBucketName` */
export function checkBucketName(name: string): void {
  if (!bucketName.test(name) || name.includes('..')) {
    throw new S3Error('InvalidBucketName', undefined, { fields: { BucketName: name } });
  }
}

export const listBuckets: Handler = ({ store }) => {
  const buckets = store.buckets
    .list()
    .map(({ name, createdMs }) =>
      element('Bucket', element('Name', name), element('CreationDate', xmlTime(createdMs))),
    );
  return xmlAnswer(
    xmlDocument(
      'ListAllMyBucketsResult',
      element('Owner', element('ID', 'owner')),
      element('Buckets', buckets),
    ),
  );
};

export const createBucket: Handler = async (call) => {
  const { bucket, headers } = call.request;
  checkBucketName(bucket);
  if (headers.get('content-length') !== '0' && headers.has('content-length')) {
    await readXml(call, 'CreateBucketConfiguration');
  }
  await call.store.commit(() => {
    if (call.store.buckets.find(bucket)) throw new S3Error('BucketAlreadyOwnedByYou');
    call.store.buckets.create(bucket, call.nowMs);
  });
  return { status: 200, headers: { location: `/${bucket}` } };
};

export const headBucket: Handler = (call) => {
  requireBucket(call);
  return { status: 200, headers: { 'x-amz-bucket-region': call.account.region } };
};

export const deleteBucket: Handler = async (call) => {
  await call.store.commit((freed) => {
    const { name } = requireBucket(call);
    if (!call.store.buckets.isEmpty(name)) throw new S3Error('BucketNotEmpty');
    freed.push(...call.store.buckets.remove(name));
  });
  return { status: 204 };
};

/** For `us-east-1` the answer is empty, as it has always been on AWS. */
export const getBucketLocation: Handler = (call) => {
  requireBucket(call);
  const { region } = call.account;
  return xmlAnswer(xmlDocument('LocationConstraint', region === 'us-east-1' ? '' : region));
};

export const getBucketVersioning: Handler = (call) => {
  const { versioning } = requireBucket(call);
  const status = versioning === '' ? undefined : versioning;
  return xmlAnswer(xmlDocument('VersioningConfiguration', element('Status', status)));
};

/** Versioning can be turned on and suspended, but never taken back to "not yet". */
export const putBucketVersioning: Handler = async (call) => {
  requireBucket(call);
  const document = await readXml(call, 'VersioningConfiguration');
  const status = childText(document, 'Status')?.trim();
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw new S3Error('IllegalVersioningConfigurationException');
  }
  await call.store.commit(() => {
    const { name } = requireBucket(call);
    call.store.buckets.setVersioning(name, status);
  });
  return { status: 200 };
};
