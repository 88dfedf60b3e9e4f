/** The operations that the engine uses, by what a request for them looks like. */
const table = [
  ['CreateMultipartUpload', 'POST', 'object', 'uploads'],
  ['CompleteMultipartUpload', 'POST', 'object', 'uploadId'],
  ['UploadPart', 'PUT', 'object', 'uploadId'],
  ['AbortMultipartUpload', 'DELETE', 'object', 'uploadId'],
  ['ListParts', 'GET', 'object', 'uploadId'],
  ['PutObject', 'PUT', 'object', undefined],
  ['HeadObject', 'HEAD', 'object', undefined],
  ['GetObject', 'GET', 'object', undefined],
  ['DeleteObject', 'DELETE', 'object', undefined],
  ['ListMultipartUploads', 'GET', 'bucket', 'uploads'],
  ['ListObjectsV2', 'GET', 'bucket', 'list-type'],
  ['HeadBucket', 'HEAD', 'bucket', undefined],
] as const;

export type OperationName = (typeof table)[number][0];

/** What a request in path style asks for; `undefined` for what the engine has no use for. */
export function operationOf(method: string, url: string): OperationName | undefined {
  const { pathname, searchParams } = new URL(url, 'http://any');
  const level = pathname.split('/').filter((part) => part !== '').length > 1 ? 'object' : 'bucket';
  return table.find(
    ([, verb, where, parameter]) =>
      verb === method &&
      where === level &&
      (parameter === undefined || searchParams.has(parameter)),
  )?.[0];
}
