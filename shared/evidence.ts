/** @file What may be said of an upload, decided from what the storage answered. */

export type Stored = Readonly<{
  sizeBytes: number;
  uploadToken: string | undefined;
  /** As its metadata names it. */
  sha256?: string | undefined;
  /** Full-object CRC-32 as the storage keeps it; `undefined` when it keeps none or only a composite one. */
  crc32: number | undefined;
}>;

export type Verdict = 'verified' | 'read-back-needed' | 'damaged' | 'someone-elses';

/**
 * Compares a HEAD answer with what was sent. The token decides whose object it is; only a full-object
 * checksum proves its bytes. A size alone never does. An object that names another SHA-256 than the
 * file's would be called damaged by whoever downloads it, so it is.
 *
 * @param sent.sha256 Left out where nobody knew it when the object was begun.
 */
export function judge(
  sent: Readonly<{ sizeBytes: number; uploadToken: string; crc32: number; sha256?: string }>,
  stored: Stored,
): Verdict {
  if (stored.uploadToken !== sent.uploadToken) return 'someone-elses';
  if (stored.sizeBytes !== sent.sizeBytes) return 'damaged';
  if (sent.sha256 !== undefined && stored.sha256 !== sent.sha256) return 'damaged';
  if (stored.crc32 === undefined) return 'read-back-needed';
  return stored.crc32 === sent.crc32 ? 'verified' : 'damaged';
}
