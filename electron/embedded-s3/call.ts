/** @file What a handler is given and what it gives back. */
import type { Account } from './auth/verify.ts';
import type { Signer } from './auth/signature.ts';
import { readDeclaredBody } from './body/declared.ts';
import { receiveBody } from './body/receive.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import type { BlobReader } from './store/blobs.ts';
import type { Bucket } from './store/buckets.ts';
import type { Store } from './store/store.ts';
import type { Switches } from './switches.ts';
import { parseXml, type XmlElement } from './xml/reader.ts';

/** One request whose signature holds. */
export interface Call {
  readonly request: S3Request;
  readonly store: Store;
  readonly account: Account;
  readonly signer: Signer;
  readonly nowMs: number;
  readonly switches: Switches | undefined;
  /** The body as it comes over the wire; tells a client that waits for leave to send it. Call once. */
  readonly body: () => AsyncIterable<Buffer>;
}

export interface Answer {
  readonly status: number;
  /** `undefined` values are left out. */
  readonly headers?: Readonly<Record<string, string | number | undefined>>;
  /** XML, or the bytes of an object. */
  readonly body?: string | BlobReader;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

const MAX_XML_BYTES = 2 * 1024 * 1024;

/** @throws S3Error `NoSuchBucket` */
export function requireBucket(call: Call, name = call.request.bucket): Bucket {
  const bucket = call.store.buckets.find(name);
  if (!bucket) throw new S3Error('NoSuchBucket', undefined, { fields: { BucketName: name } });
  return bucket;
}

/**
 * The XML of the body, its checksums verified.
 *
 * @param digest `required` where S3 insists on a Content-MD5 or a checksum; `of-object` where the
 *   checksum headers are about something else than this body.
 * @throws S3Error `MalformedXML` when the root is not `root`; `MaxMessageLengthExceeded` past 2 MiB.
 */
export async function readXml(
  call: Call,
  root: string,
  digest: 'optional' | 'required' | 'of-object' = 'optional',
): Promise<XmlElement> {
  const declared = readDeclaredBody(
    digest === 'of-object' ? withoutChecksums(call.request) : call.request,
  );
  if (digest === 'required' && declared.md5 === undefined && !declared.checksum) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5');
  }
  if ((declared.sizeBytes ?? 0) > MAX_XML_BYTES) throw new S3Error('MaxMessageLengthExceeded');
  const chunks: Buffer[] = [];
  await receiveBody(call.body(), {
    declared,
    signer: call.signer,
    maxBytes: MAX_XML_BYTES,
    write: (chunk) => void chunks.push(chunk),
  });
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes)) throw new S3Error('MalformedXML'); // Not UTF-8.
  const document = parseXml(text);
  if (document.name !== root) throw new S3Error('MalformedXML');
  return document;
}

function withoutChecksums(request: S3Request): S3Request {
  const kept = [...request.headers].filter(([name]) => !name.startsWith('x-amz-checksum-'));
  return { ...request, headers: new Map(kept) };
}

/** A 200 with an XML document. */
export function xmlAnswer(body: string, headers: Answer['headers'] = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body };
}

/** As S3 writes times in XML. */
export function xmlTime(ms: number): string {
  return new Date(ms).toISOString();
}
