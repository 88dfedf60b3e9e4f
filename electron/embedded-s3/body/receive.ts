/** @file Reads a body to its end and holds it against everything its headers promised. */
import type { Signer } from '../auth/signature.ts';
import { S3Error } from '../errors.ts';
import { checksumHeader, createHasher, isChecksumValue, type ChecksumName } from './checksums.ts';
import { decodeChunks } from './chunked.ts';
import type { DeclaredBody } from './declared.ts';

export interface Received {
  readonly sizeBytes: number;
  readonly md5Hex: string;
  /** Base64, one for each checksum declared or asked for. */
  readonly checksums: ReadonlyMap<ChecksumName, string>;
}

interface ReceiveOptions {
  readonly declared: DeclaredBody;
  readonly signer: Signer;
  /** Computed although the client declared none of that kind. */
  readonly alsoCompute?: ChecksumName | undefined;
  readonly maxBytes: number;
  readonly write: (chunk: Buffer) => Promise<void> | void;
}

/**
 * Passes the content of `source` to `write` and verifies it. What was written counts only once this
 * resolves.
 *
 * @throws S3Error `BadDigest`, `XAmzContentSHA256Mismatch`, `IncompleteBody`, `EntityTooLarge`, or
 *   what `decodeChunks` throws.
 */
export async function receiveBody(
  source: AsyncIterable<Buffer>,
  options: ReceiveOptions,
): Promise<Received> {
  const { declared, signer, alsoCompute, maxBytes, write } = options;
  if ((declared.sizeBytes ?? 0) > maxBytes) throw new S3Error('EntityTooLarge');
  let trailer: ReadonlyMap<string, string> = new Map();
  const content = declared.framing
    ? decodeChunks(source, {
        signer: declared.framing.signed ? signer : undefined,
        onTrailer: declared.framing.trailer ? (headers) => (trailer = headers) : undefined,
      })
    : source;
  const md5 = createHasher('MD5');
  const names = new Set<ChecksumName>();
  if (declared.checksum) names.add(declared.checksum.name);
  if (alsoCompute) names.add(alsoCompute);
  if (declared.sha256Hex !== undefined) names.add('SHA256');
  const hashers = [...names].map((name) => ({ name, hasher: createHasher(name) }));
  let sizeBytes = 0;
  for await (const chunk of content) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new S3Error('EntityTooLarge');
    md5.update(chunk);
    for (const { hasher } of hashers) hasher.update(chunk);
    await write(chunk);
  }
  const checksums = new Map(
    hashers.map(({ name, hasher }) => [name, hasher.digest().toString('base64')] as const),
  );
  const md5Digest = md5.digest();
  if (declared.sizeBytes !== undefined && declared.sizeBytes !== sizeBytes) {
    throw new S3Error('IncompleteBody');
  }
  if (declared.md5 !== undefined && declared.md5 !== md5Digest.toString('base64')) {
    throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  verifySha256(declared, checksums);
  verifyChecksum(declared, checksums, trailer);
  return { sizeBytes, md5Hex: md5Digest.toString('hex'), checksums };
}

function verifySha256(declared: DeclaredBody, found: ReadonlyMap<ChecksumName, string>): void {
  if (declared.sha256Hex === undefined) return;
  const computed = Buffer.from(found.get('SHA256') ?? '', 'base64').toString('hex');
  if (computed === declared.sha256Hex) return;
  throw new S3Error('XAmzContentSHA256Mismatch', undefined, {
    fields: { ClientComputedContentSHA256: declared.sha256Hex, S3ComputedContentSHA256: computed },
  });
}

function verifyChecksum(
  declared: DeclaredBody,
  found: ReadonlyMap<ChecksumName, string>,
  trailer: ReadonlyMap<string, string>,
): void {
  if (!declared.checksum) return;
  const { name, value } = declared.checksum;
  const given = value ?? trailer.get(checksumHeader(name));
  if (given === undefined) throw new S3Error('MalformedTrailerError');
  if (!isChecksumValue(name, given)) {
    throw new S3Error(
      'InvalidRequest',
      `Value for ${checksumHeader(name)} trailing header is invalid.`,
    );
  }
  if (found.get(name) !== given) {
    throw new S3Error(
      'BadDigest',
      `The ${name} you specified did not match the calculated checksum.`,
    );
  }
}
