/** @file The storage's clock, by which requests and links are signed. */
import type { S3Client } from '@aws-sdk/client-s3';
import { POOR_CLOCK_MS, type Correction } from '#shared/corrections.ts';

/** What a header of whole seconds and the way of an answer make uncertain. */
const UNCERTAIN_MS = 2_000;

/** How far this computer's clock is ahead of the storage's, milliseconds; 0 while nothing was heard. */
export function aheadOf(client: S3Client): number {
  const { systemClockOffset } = client.config;
  return Math.abs(systemClockOffset) < UNCERTAIN_MS ? 0 : -systemClockOffset;
}

/** Tells once that this computer's clock is far off, and again after it was right in between. */
export function clockTeller(onCorrected: (correction: Correction) => void) {
  let isTold = false;
  return (aheadMs: number): void => {
    const isPoor = Math.abs(aheadMs) >= POOR_CLOCK_MS;
    if (isPoor && !isTold) onCorrected({ kind: 'clock', aheadMs });
    isTold = isPoor;
  };
}

/**
 * Learns from an answer that did not come through the SDK, as the SDK does from its own. What stood in a
 * cache (`Age`) tells an old time.
 */
export function learnClock(client: S3Client, headers: Readonly<Record<string, string>>): void {
  const serverMs = Date.parse(headers['date'] ?? '');
  if (Number.isNaN(serverMs) || headers['age'] !== undefined) return;
  client.config.systemClockOffset = serverMs - Date.now();
}
