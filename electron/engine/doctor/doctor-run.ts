/** @file A connection tested as it will be used, and what that found out remembered. */
import { v7 } from 'uuid';
import { testConnection, type Diagnosis } from './doctor.ts';
import { rememberTest } from './known.ts';
import { openS3Client } from '../s3/client.ts';
import type { StorageSettings } from '../s3/storage-settings.ts';
import type { Known } from '../s3/known.ts';
import { openProbe } from '../s3/probe.ts';
import { openTransport } from '../s3/transport.ts';

/** @param own.userId For the test objects' keys. */
export async function diagnose(
  settings: StorageSettings,
  known: Known,
  own: Readonly<{ userId: string; signal: AbortSignal }>,
): Promise<Diagnosis> {
  const { userId, signal } = own;
  const transport = openTransport(settings, known);
  const { certificate } = transport;
  const client = openS3Client(settings, transport);
  const probe = openProbe(client, settings.bucket, { nowMs: Date.now, signal, certificate });
  try {
    const diagnosis = await testConnection(probe, { settings, userId, uuid: v7 });
    rememberTest(known, diagnosis);
    return diagnosis;
  } finally {
    probe.close();
  }
}
