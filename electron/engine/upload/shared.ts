/** @file What all uploads of an engine share: memory, turns, and what is known of bytes on their way. */
import { MIB } from '#shared/parts.ts';
import { createSmallFiles } from '../files/small-files.ts';
import { createTurns } from '../waiting.ts';
import { createBuffers } from './buffers.ts';
import { createOnTheWay } from './on-the-way.ts';
import { partSlots } from './part-slots.ts';

/** What is held of files, of large ones three parts of 8 MiB; and with that, what waits for answers. */
const BYTES = { small: 16 * MIB, large: 24 * MIB, underWay: 96 * MIB } as const;

/** @param onTheWay More of a job's bytes have left. */
export const createShared = (monotonicMs: () => number, onTheWay: (jobId: number) => void) => ({
  slots: { small: partSlots(BYTES.small), large: partSlots(BYTES.large, BYTES.underWay) },
  buffers: createBuffers(),
  smallFiles: createSmallFiles(),
  turns: createTurns(),
  onTheWay: createOnTheWay(monotonicMs, onTheWay),
});
