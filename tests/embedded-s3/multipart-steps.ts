/** @file The steps of a multipart upload, each one a single raw request. */
import { textOf, type Fixture } from './fixture.ts';
import type { RawResponse } from './raw-client.ts';

export const PART_BYTES = 5 * 1024 * 1024;

type Headers = Readonly<Record<string, string>>;

export async function createUpload(
  s3: Fixture,
  key: string,
  headers: Headers = {},
): Promise<string> {
  const response = await s3.ask('POST', key, { query: { uploads: '' }, headers });
  if (response.status !== 200) throw new Error(response.text);
  return textOf(response.text, 'UploadId');
}

export function putPart(
  s3: Fixture,
  key: string,
  part: { readonly uploadId: string; readonly number: number; readonly body: string | Uint8Array },
  headers: Headers = {},
): Promise<RawResponse> {
  const query = { partNumber: String(part.number), uploadId: part.uploadId };
  return s3.ask('PUT', key, { query, headers, body: part.body });
}

export interface ListedPart {
  readonly number: number;
  readonly etag: string | undefined;
  /** Further elements, such as a checksum. */
  readonly more?: string;
}

export function completeUpload(
  s3: Fixture,
  key: string,
  upload: { readonly uploadId: string; readonly parts: readonly ListedPart[] },
  headers: Headers = {},
): Promise<RawResponse> {
  const list = upload.parts.map(
    ({ number, etag, more = '' }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${more}</Part>`,
  );
  const body = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`;
  return s3.ask('POST', key, { query: { uploadId: upload.uploadId }, headers, body });
}

/** Uploads `bodies` as parts 1, 2, … and names them as Complete wants them. */
export async function putParts(
  s3: Fixture,
  key: string,
  uploadId: string,
  bodies: readonly (string | Uint8Array)[],
): Promise<ListedPart[]> {
  const parts: ListedPart[] = [];
  for (const [index, body] of bodies.entries()) {
    const number = index + 1;
    const { headers } = await putPart(s3, key, { uploadId, number, body });
    parts.push({ number, etag: headers.etag });
  }
  return parts;
}
