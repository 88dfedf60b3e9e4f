/** @file Promise: "left" is what is still to be sent, in the window and on the command line alike. */
import { expect, test } from 'vitest';
import { jobStore, type NewJob } from '../../electron/engine/store/jobs.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { openCli } from '../support/cli.ts';
import { queuedJob } from '../support/jobs.ts';

const states = {
  toSend: [
    { kind: 'queued', attempts: 0, notBeforeMs: 0, code: null, upload: null },
    { kind: 'held', reason: 'needs-class' },
  ],
  sent: [
    { kind: 'uploaded', attempts: 0, notBeforeMs: 0, code: null },
    { kind: 'verifying', attempts: 1 },
    { kind: 'verified', proof: 'checksum', verifiedAtMs: 1 },
    { kind: 'dropped', why: 'cancelled' },
  ],
} as const satisfies Record<string, readonly NewJob['state'][]>;

test('what the storage has whole is not left to send while it is still being checked', async () => {
  await using app = await openTestAppHost();
  const api = apiOf(app);
  await api.setPaused({ isPaused: true });
  const jobs = jobStore(app.host.storage().database, Date.now);
  const { sizeBytes } = queuedJob(0);
  for (const [n, state] of [...states.toSend, ...states.sent].entries())
    jobs.enqueue({ ...queuedJob(n), state });
  await using cli = await openCli(undefined, { PANSEA_SYNC_HOME: app.homePath });
  for (const status of [await api.getStatus({}), (await cli.run('status', '--json')).json()])
    expect(status).toMatchObject({
      bytesLeft: states.toSend.length * sizeBytes,
      counts: { uploaded: 1, verifying: 1 },
    });
});
