/** @file What may be said of an upload, decided from what the storage answered. */

export type Stored = Readonly<{
  sizeBytes: number;
  uploadToken: string | undefined;
  /** Full-object CRC-32 as the storage keeps it; `undefined` when it keeps none or only a composite one. */
  crc32: number | undefined;
}>;

export type Verdict = 'verified' | 'read-back-needed' | 'damaged' | 'someone-elses';

/**
 * Compares a HEAD answer with what was sent. The token decides whose object it is; only a full-object
 * checksum proves its bytes. A size alone never does.
 */
export function judge(
  sent: Readonly<{ sizeBytes: number; uploadToken: string; crc32: number }>,
  stored: Stored,
): Verdict {
  if (stored.uploadToken !== sent.uploadToken) return 'someone-elses';
  if (stored.sizeBytes !== sent.sizeBytes) return 'damaged';
  if (stored.crc32 === undefined) return 'read-back-needed';
  return stored.crc32 === sent.crc32 ? 'verified' : 'damaged';
}
