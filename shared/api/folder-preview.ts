/** @file What a folder holds now, before anybody follows it. A part of the contract in api.ts. */
import { z } from 'zod';

/** The first files and the keys that they would get. */
export const folderPreview = z.object({
  files: z.array(
    z.object({
      name: z.string(),
      sizeBytes: z.int(),
      key: z.string().nullable(),
      /** Why it would wait for a person, by its name and size and by what was decided about it. */
      kept: z.string().nullable(),
      /** What it is stored under already, where it stays: a class id, `documents` or `uploads`. */
      storedIn: z.string().nullable(),
    }),
  ),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  total: z.int(),
  /** All that are left out, of which `skipped` has the first. */
  leftOut: z.int(),
  /** There is more in it than was looked at: both numbers are at least so many. */
  isCutOff: z.boolean(),
});
