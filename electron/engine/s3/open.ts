import { openS3Client, type StorageSettings } from './client.ts';
import { createNeverOver } from './conditions.ts';
import { createSend } from './light-http.ts';
import { lightRemote } from './light-remote.ts';
import type { Remote } from './remote.ts';
import { sdkRemote } from './sdk-remote.ts';
import { renewalOf } from './sign-in.ts';
import { openTransport } from './transport.ts';

/** The storage that settings name. Nothing is asked of it yet. */
export function openStorage(settings: StorageSettings): Remote {
  const transport = openTransport(settings);
  const client = openS3Client(settings, transport);
  const neverOver = createNeverOver();
  const sdk = sdkRemote(client, settings.bucket, neverOver);
  if (settings.way === 'sdk') return sdk;
  const light = lightRemote({
    client,
    settings,
    send: createSend(transport.route),
    neverOver,
    renewing: renewalOf(client),
    explainedHead: (key, signal) => sdk.head(key, signal),
  });
  return { ...sdk, ...light };
}
