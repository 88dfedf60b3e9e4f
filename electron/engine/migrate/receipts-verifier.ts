import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Put in by the build, as an app that was packaged has no sources. */
declare const PANSEA_RECEIPTS_VERIFIER: string | undefined;

/** The whole text of scripts/verify-receipts.mjs. */
export function receiptsVerifier(): string {
  if (typeof PANSEA_RECEIPTS_VERIFIER === 'string') return PANSEA_RECEIPTS_VERIFIER;
  return readFileSync(join(import.meta.dirname, '../../../scripts/verify-receipts.mjs'), 'utf8');
}
