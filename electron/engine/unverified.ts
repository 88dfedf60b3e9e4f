/** @file AWS_S3_VERIFY_SSL=false: a way through a bad day, not a way of life. It ends by itself. */
import { z } from 'zod';
import type { StorageSettings } from './s3/client.ts';
import type { SettingStore } from './store/settings.ts';

export const UNVERIFIED_MS = 24 * 60 * 60_000;

const begun = z.object({ endpoint: z.string(), atMs: z.int() });

/**
 * Says until when certificates may go unchecked: 24 hours from when this was first asked for this
 * endpoint. Asking for checks again in between lets it be asked for anew.
 */
export function limitUnverified(
  settings: StorageSettings,
  store: Pick<SettingStore, 'getIfReadable' | 'set'>,
  nowMs: number,
): StorageSettings {
  const endpoint = settings.endpoint ?? '';
  if (settings.verifyTls) {
    if (store.getIfReadable('unverified', begun)) store.set('unverified', null);
    return settings;
  }
  const known = store.getIfReadable('unverified', begun);
  // A clock set back since then must not make the time longer than it was.
  const isKnown = known?.endpoint === endpoint && known.atMs <= nowMs;
  const atMs = isKnown ? known.atMs : nowMs;
  if (!isKnown) store.set('unverified', { endpoint, atMs });
  return { ...settings, unverifiedUntilMs: atMs + UNVERIFIED_MS };
}

/** What stands on every screen and before every verb while it lasts, and what stands there after its end. */
export function unverifiedText(
  { unverifiedUntilMs = 0 }: StorageSettings,
  nowMs = Date.now(),
): string {
  return nowMs < unverifiedUntilMs
    ? `Certificates are not checked (AWS_S3_VERIFY_SSL=false), so anyone on the way could read what is sent. This ends ${new Date(unverifiedUntilMs).toLocaleString()}.`
    : 'AWS_S3_VERIFY_SSL=false has ended after 24 hours: certificates are checked again. A school’s own certificate goes into AWS_CA_BUNDLE.';
}
