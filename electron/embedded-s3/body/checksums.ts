/** @file The five checksums S3 knows by name, how they are written, and how those of parts join. */
import { createHash } from 'node:crypto';
import { joinCrc, type CrcName } from './crc-join.ts';
import { crcHasher, type Hasher } from './crc.ts';

export const checksumNames = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumName = (typeof checksumNames)[number];

/** Whether a checksum of a multipart object covers its bytes, or the checksums of its parts. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

const digestBytes: Readonly<Record<ChecksumName, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

export function isCrc(name: ChecksumName): name is CrcName {
  return name === 'CRC32' || name === 'CRC32C' || name === 'CRC64NVME';
}

export function createHasher(name: ChecksumName | 'MD5'): Hasher {
  if (name !== 'MD5' && isCrc(name)) return crcHasher(name);
  const hash = createHash(name.toLowerCase());
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
}

/** `x-amz-checksum-crc32` and so on. */
export function checksumHeader(name: ChecksumName): string {
  return `x-amz-checksum-${name.toLowerCase()}`;
}

/** The name in any case, as clients write it, or `undefined`. */
export function toChecksumName(text: string): ChecksumName | undefined {
  return checksumNames.find((name) => name === text.toUpperCase());
}

/** True for base64 of exactly as many bytes as this checksum has. */
export function isChecksumValue(name: ChecksumName, text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === digestBytes[name] && bytes.toString('base64') === text;
}

/**
 * The checksum of an object made of parts, base64.
 *
 * @param parts Their sizes and base64 checksums, in order; at least one.
 */
export function joinChecksums(
  name: ChecksumName,
  type: ChecksumType,
  parts: readonly { sizeBytes: number; checksum: string }[],
): string {
  const values = parts.map((part) => Buffer.from(part.checksum, 'base64'));
  if (type === 'COMPOSITE' || !isCrc(name)) {
    const hasher = createHasher(name);
    for (const value of values) hasher.update(value);
    return `${hasher.digest().toString('base64')}-${parts.length}`;
  }
  let whole: Buffer = values[0] ?? Buffer.alloc(0);
  for (let index = 1; index < values.length; index += 1) {
    whole = joinCrc(name, whole, values[index] as Buffer, parts[index]?.sizeBytes ?? 0);
  }
  return whole.toString('base64');
}
