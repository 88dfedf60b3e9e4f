import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinCrc } from '../../electron/embedded-s3/body/crc-join.ts';
import { createHasher, joinChecksums } from '../../electron/embedded-s3/body/checksums.ts';

const names = ['CRC32', 'CRC32C', 'CRC64NVME'] as const;

function crcOf(name: (typeof names)[number], bytes: Uint8Array): Buffer {
  const hasher = createHasher(name);
  hasher.update(bytes);
  return hasher.digest();
}

test.each(names)('the %s of two pieces joins to that of both together', (name) => {
  const pieces = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(pieces, pieces, (first, second) => {
      const joined = joinCrc(name, crcOf(name, first), crcOf(name, second), second.length);
      expect(joined).toEqual(crcOf(name, Buffer.concat([first, second])));
    }),
  );
});

test('the checksums of many parts join to that of the whole object', () => {
  const sizes = [5 * 1024 * 1024, 5 * 1024 * 1024, 12_345, 0, 1];
  const parts = sizes.map((size, index) => Buffer.alloc(size, index + 1));
  for (const name of names) {
    const listed = parts.map((part) => ({
      sizeBytes: part.length,
      checksum: crcOf(name, part).toString('base64'),
    }));
    const whole = crcOf(name, Buffer.concat(parts)).toString('base64');
    expect(joinChecksums(name, 'FULL_OBJECT', listed)).toBe(whole);
  }
});
