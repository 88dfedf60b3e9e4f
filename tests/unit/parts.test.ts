import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_OBJECT_BYTES,
  MAX_PARTS,
  MIB,
  MIN_PART_BYTES,
  partBytesFor,
  planParts,
} from '../../shared/parts.ts';

/** Sizes on both sides of every border, and anything between. */
const size = fc.oneof(
  fc.integer({ min: 1, max: 64 * MIB }),
  fc.maxSafeNat().map((n) => 1 + (n % MAX_OBJECT_BYTES)),
  fc
    .tuple(fc.integer({ min: 1, max: 5 * 1024 }), fc.integer({ min: -2, max: 2 }))
    .map(([mib, off]) => Math.min(MAX_OBJECT_BYTES, mib * MIB * MAX_PARTS + off)),
);

describe('the cut of a file into parts', () => {
  test('covers every byte once, in at most 10,000 parts of at least 5 MiB but for the last', () => {
    fc.assert(
      fc.property(size, (sizeBytes) => {
        const parts = planParts(sizeBytes, partBytesFor(sizeBytes));
        let at = 0;
        const broken = parts.filter((part, i) => {
          const begins = at;
          at += part.sizeBytes;
          const least = i < parts.length - 1 ? MIN_PART_BYTES : 1;
          return part.number !== i + 1 || part.startByte !== begins || part.sizeBytes < least;
        });
        expect({ broken, bytes: at }).toEqual({ broken: [], bytes: sizeBytes });
        expect(parts.length).toBeLessThanOrEqual(MAX_PARTS);
      }),
      { numRuns: 40, examples: [[1], [MIN_PART_BYTES], [80_000 * MIB + 1], [MAX_OBJECT_BYTES]] },
    );
  });

  test('is the same for the same size, so that a resumed upload finds its parts', () => {
    fc.assert(
      fc.property(size, (sizeBytes) => {
        expect(partBytesFor(sizeBytes)).toBe(partBytesFor(sizeBytes));
        expect(planParts(sizeBytes, 8 * MIB).length).toBe(Math.ceil(sizeBytes / (8 * MIB)));
      }),
      { numRuns: 5 },
    );
    expect(planParts(20 * MIB, 8 * MIB)).toEqual([
      { number: 1, startByte: 0, sizeBytes: 8 * MIB },
      { number: 2, startByte: 8 * MIB, sizeBytes: 8 * MIB },
      { number: 3, startByte: 16 * MIB, sizeBytes: 4 * MIB },
    ]);
  });

  test('takes the largest object of S3, and refuses one byte more', () => {
    expect(partBytesFor(MAX_OBJECT_BYTES)).toBe(5 * 1024 * MIB);
    expect(() => partBytesFor(MAX_OBJECT_BYTES + 1)).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });

  test('has nothing to cut in an empty file', () => {
    expect(() => planParts(0, 8 * MIB)).toThrow(RangeError);
  });
});
