/** @file Which checksum an upload is made with, and which one its parts must then carry. */
import { isCrc, toChecksumName, type ChecksumType } from '../body/checksums.ts';
import type { DeclaredBody } from '../body/declared.ts';
import { S3Error } from '../errors.ts';
import type { ObjectMeta, ObjectChecksum } from '../store/model.ts';

/** The algorithm and type an upload is created with; without any, S3 chooses a CRC64NVME of its own. */
export function readUploadChecksum(headers: ReadonlyMap<string, string>): ObjectChecksum {
  const algorithm = headers.get('x-amz-checksum-algorithm');
  const asked = headers.get('x-amz-checksum-type')?.toUpperCase();
  if (algorithm === undefined) {
    if (asked !== undefined) {
      throw new S3Error(
        'InvalidRequest',
        'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
      );
    }
    return { name: 'CRC64NVME', type: 'FULL_OBJECT', asked: false };
  }
  const name = toChecksumName(algorithm);
  if (!name) throw new S3Error('InvalidRequest', 'Checksum algorithm provided is unsupported.');
  if (asked !== undefined && asked !== 'FULL_OBJECT' && asked !== 'COMPOSITE') {
    throw new S3Error('InvalidRequest', 'Value for x-amz-checksum-type header is invalid.');
  }
  const type: ChecksumType = asked ?? (name === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  if (type === 'FULL_OBJECT' ? !isCrc(name) : name === 'CRC64NVME') {
    throw new S3Error(
      'InvalidRequest',
      `The ${type} checksum type cannot be used with the ${name.toLowerCase()} checksum algorithm.`,
    );
  }
  return { name, type, asked: true };
}

/** The checksum every upload is created with. */
export function uploadChecksum({ meta }: { readonly meta: ObjectMeta }): ObjectChecksum {
  if (!meta.checksum) throw new Error('Every upload is created with a checksum');
  return meta.checksum;
}

/**
 * A part must come with the checksum its upload announced; only a full-object one may leave it to
 * us. Where none was announced any will do: SDKs add one of their own.
 */
export function checkPartChecksum(checksum: ObjectChecksum, declared: DeclaredBody): void {
  const actual = declared.checksum?.name;
  if (!checksum.asked || actual === checksum.name) return;
  if (actual === undefined && checksum.type === 'FULL_OBJECT') return;
  throw new S3Error(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${checksum.name.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase() ?? 'null'}`,
  );
}
