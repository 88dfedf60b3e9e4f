/** @file What a folder takes: types by their endings, and sizes. What does not fit is held, never left out. */
import { z } from 'zod';
import { count, formatBytes } from './format.ts';
import type { Hold } from './job.ts';
import { keyExtension } from './recording.ts';

/** A file name's ending, lower case and without its dot. */
export const fileType = z
  .string()
  .trim()
  .transform((text) => text.replace(/^\./, '').toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9]{1,10}$/, 'is no file ending'));

export const limits = z.object({
  /** Missing or empty: all that counts as a recording. */
  types: z.array(fileType).max(50).optional(),
  minBytes: z.int().min(0).optional(),
  maxBytes: z.int().positive().optional(),
});
export type Limits = Readonly<z.output<typeof limits>>;

/** Whether files with this ending are taken. */
export function takesType({ types = [] }: Limits, name: string): boolean {
  return types.length === 0 || types.includes(keyExtension(name).slice(1));
}

/** What of these limits a file does not keep, by its name and its size alone. */
export function breach(
  limit: Limits,
  { name, sizeBytes }: Readonly<{ name: string; sizeBytes: number }>,
): Hold | undefined {
  const { types = [], minBytes = 0, maxBytes = Infinity } = limit;
  if (!takesType(limit, name)) {
    const type = keyExtension(name).slice(1);
    return {
      reason: 'not-taken',
      detail: `${type || 'No ending'}; its folder takes ${types.join(', ')}`,
    };
  }
  if (sizeBytes > maxBytes)
    return { reason: 'over-limit', detail: `${compared(sizeBytes, maxBytes)} at most` };
  if (sizeBytes < minBytes)
    return { reason: 'under-limit', detail: `${compared(sizeBytes, minBytes)} at least` };
  return undefined;
}

/** `4.2 GB; its folder takes 2 GB`, exact where both would read the same. */
function compared(sizeBytes: number, limitBytes: number): string {
  const [size, limit] = [formatBytes(sizeBytes), formatBytes(limitBytes)];
  return size === limit
    ? `${count(sizeBytes, 'byte')}; its folder takes ${count(limitBytes, 'byte')}`
    : `${size}; its folder takes ${limit}`;
}
