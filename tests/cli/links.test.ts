import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import { openCli } from '../support/cli.ts';

test('links of another bucket are listed with it', async () => {
  await using cli = await openCli(undefined, { AWS_S3_BUCKET: 'recordings' });
  const home = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  const links = linkStore(home.database);
  const row = { key: 'k', mode: 'watch', note: null, mayEndSooner: false } as const;
  const times = { createdAtMs: Date.now(), expiresAtMs: Date.now() + 60_000 };
  links.insert({ ...row, ...times, name: 'here.mp3', place: 'recordings at AWS' });
  links.insert({ ...row, ...times, name: 'old.mp3', place: 'pansea-2025 at AWS' });
  home.close();
  const lines = (await cli.run('links')).stdout.trim().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/ {2}old\.mp3 {2}\[pansea-2025 at AWS\]$/),
    expect.stringMatching(/ {2}here\.mp3$/),
  ]);
  // While nothing is connected each of them is named.
  delete cli.env['AWS_S3_BUCKET'];
  expect((await cli.run('links')).stdout).toContain('here.mp3  [recordings at AWS]');
});
