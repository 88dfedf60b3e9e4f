import * as fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { combineCrc32 } from '../../shared/crc32.ts';

test('the checksum of a whole follows from the checksums of its pieces', () => {
  const bytes = fc.uint8Array({ maxLength: 5_000 });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), (pieces) => {
      const combined = pieces.reduce(
        (sum, piece) => combineCrc32(sum, crc32(piece), piece.length),
        0,
      );
      expect(combined).toBe(crc32(Buffer.concat(pieces)));
    }),
  );
});

/** Of 2^power zero bytes, joined from halves: so the large case has an independent way to its end. */
function zeros(power: number): number {
  let crc = crc32(Buffer.alloc(1));
  for (let n = 0; n < power; n++) crc = combineCrc32(crc, crc, 2 ** n);
  return crc;
}

test('a piece may be larger than 4 GiB', () => {
  expect(zeros(20)).toBe(crc32(Buffer.alloc(2 ** 20)));
  const head = crc32('head');
  const twice = combineCrc32(combineCrc32(head, zeros(33), 2 ** 33), zeros(33), 2 ** 33);
  expect(combineCrc32(head, zeros(34), 2 ** 34)).toBe(twice);
});
