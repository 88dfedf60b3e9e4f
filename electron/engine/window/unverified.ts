/** @file AWS_S3_VERIFY_SSL=false: a way through a bad day, not a way of life. It ends by itself. */
import { z } from 'zod';
import { formatDeadline } from '#shared/format.ts';
import { DAY_MS } from '#shared/time.ts';
import type { StorageSettings } from '../s3/storage-settings.ts';
import type { SettingStore } from '../store/settings.ts';

export const UNVERIFIED_MS = DAY_MS;

/** What a clock is corrected by without anybody's doing is less. */
const SLACK_MS = 2 * 60_000;
/** So often the time is written down while connections go unchecked. */
const NOTE_EVERY_MS = 60_000;

/** `seenMs`: the latest time at which it was in use. */
const begun = z.object({ endpoint: z.string(), atMs: z.int(), seenMs: z.int().optional() });

/**
 * Says until when certificates may go unchecked: 24 hours from when this was first asked for this
 * endpoint. Asking for checks again in between lets it be asked for anew. A clock that stands before a
 * time that was seen already has been set back: then all is checked, until it is right again.
 */
export function limitUnverified(
  settings: StorageSettings,
  store: Pick<SettingStore, 'getIfReadable' | 'set'>,
  nowMs: number,
): StorageSettings {
  const endpoint = settings.endpoint ?? '';
  const before = store.getIfReadable('unverified', begun);
  if (settings.verifyTls) {
    if (before) store.set('unverified', null);
    return settings;
  }
  const known = before?.endpoint === endpoint ? before : undefined;
  const atMs = known?.atMs ?? nowMs;
  let seenMs = known?.seenMs ?? atMs;
  const note = (atNowMs: number) => {
    if (known && atNowMs - seenMs < NOTE_EVERY_MS) return;
    seenMs = Math.max(seenMs, atNowMs);
    store.set('unverified', { endpoint, atMs, seenMs });
  };
  const wasSetBack = nowMs < seenMs - SLACK_MS;
  if (!wasSetBack) note(nowMs);
  return {
    ...settings,
    unverifiedUntilMs: wasSetBack ? 0 : atMs + UNVERIFIED_MS,
    onUnverified: () => note(Date.now()),
  };
}

/** What stands on every screen and before every verb while it lasts, and what stands there after its end. */
export function unverifiedText(
  { unverifiedUntilMs = 0 }: StorageSettings,
  nowMs = Date.now(),
): string {
  return nowMs < unverifiedUntilMs
    ? `Certificates are not checked (AWS_S3_VERIFY_SSL=false), so anyone on the way could read what is sent. This ends ${formatDeadline(unverifiedUntilMs)}.`
    : 'AWS_S3_VERIFY_SSL=false has ended, as it does after 24 hours, or when the clock is set back: certificates are checked again. A school’s own certificate goes into AWS_CA_BUNDLE.';
}
