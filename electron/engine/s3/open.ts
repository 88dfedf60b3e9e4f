import type { Correction } from '#shared/corrections.ts';
import { openS3Client } from './client.ts';
import type { StorageSettings } from './storage-settings.ts';
import { placeOf, unremembered, type Known } from './known.ts';
import { lightRemote } from './light-remote.ts';
import { withNamedRefusals } from './refusals.ts';
import type { Remote } from './remote.ts';
import { sdkRemote } from './sdk-remote.ts';
import { sdkStreaming } from './sdk-stream.ts';
import { renewalOf } from './sign-in.ts';
import { createThrottle, throttled } from './throttle.ts';
import { openTransport } from './transport.ts';

/**
 * The storage that settings name. Nothing is asked of it yet.
 *
 * @param known       What is remembered of it; nothing unless given.
 * @param onCorrected Told what the storage's answers put right.
 */
export function openStorage(
  settings: StorageSettings,
  known: Known = unremembered(),
  onCorrected: (correction: Correction) => void = () => {},
): Remote {
  const transport = openTransport(settings, known, onCorrected);
  const { address } = transport;
  const client = openS3Client(settings, transport);
  const sdk = sdkRemote(client, settings.bucket, { known, address });
  const throttle = createThrottle({
    monotonicMs: () => performance.now(),
    random: Math.random,
    onChange: (why) => onCorrected({ kind: 'pace', why: why ?? 'over' }),
  });
  const light =
    settings.way === 'sdk'
      ? {}
      : lightRemote({
          client,
          settings,
          transport,
          known,
          renewing: renewalOf(client),
          explainedHead: (key, signal) => sdk.head(key, signal),
        });
  const remote = throttled({ ...sdk, ...light }, throttle);
  const { limits = {} } = settings;
  const place = placeOf(settings);
  const streaming = sdkStreaming(client, settings.bucket, remote);
  return withNamedRefusals({ ...remote, ...streaming, place, limits });
}
