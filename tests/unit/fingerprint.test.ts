import { expect, test, vi } from 'vitest';
import { fingerprintFile } from '../../electron/engine/files/fingerprint.ts';
import { MIB, partBytesFor, planParts } from '../../shared/parts.ts';

/** @returns The most bytes that were asked for at once. */
async function mostFor(sizeBytes: number): Promise<number> {
  const file = {
    read: async (buffer: Buffer, offset: number, length: number) => {
      buffer.fill(7, offset, offset + length);
      return { bytesRead: length };
    },
  };
  const asked = vi.spyOn(Buffer, 'allocUnsafe');
  try {
    const parts = planParts(sizeBytes, partBytesFor(sizeBytes));
    const print = await fingerprintFile(file, parts, AbortSignal.timeout(10_000));
    expect(print.sizeBytes).toBe(sizeBytes);
    return Math.max(...asked.mock.calls.map(([bytes]) => bytes));
  } finally {
    asked.mockRestore();
  }
}

test('a small file is read into as much memory as it has bytes, a large one into a megabyte', async () => {
  expect(await mostFor(500)).toBe(500);
  expect(await mostFor(20 * MIB)).toBe(MIB);
});
