import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import { RENEWED } from '../../shared/link.ts';
import { openCli, openCliWithStorage } from '../support/cli.ts';

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

test('a link that is listed on its last day is renewed by its number', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  const uploaded = await cli.run('upload', 'a.mp3', '--class', 'bio-101', '--json');
  const [{ key }] = uploaded.json().results;
  await cli.run('url', key, '--expires-in', '604800', '--note', 'for Ms Kim', '--mode', 'watch');
  const home = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
  const ageMs = 6.5 * DAY_MS;
  home.database
    .prepare(
      `UPDATE links SET created_at_ms = created_at_ms - ?, expires_at_ms = expires_at_ms - ?`,
    )
    .run(ageMs, ageMs);
  home.close();
  const ending = async () => (await cli.run('links', '--state', 'ending', '--json')).json().links;
  expect(await ending()).toMatchObject([{ id: 1, key, state: 'live' }]);
  const { stderr, stdout, code } = await cli.run('renew', '1');
  expect([code, stderr]).toEqual([0, expect.stringContaining(RENEWED)]);
  expect(await (await fetch(stdout.trim())).text()).toBe('sound');
  expect(await ending()).toEqual([]);
  const [newest, former] = (await cli.run('links', '--json')).json().links;
  expect(former).toMatchObject({ id: 1, state: 'live', renewedBy: newest.id });
  expect(newest).toMatchObject({ key, mode: 'watch', note: 'for Ms Kim' });
  const lifeMs = Date.parse(newest.expiresAt) - Date.parse(newest.createdAt);
  expect(lifeMs).toBe(604_800_000);
  expect((await cli.run('renew', '9', '--json')).json().error.code).toBe('usage');
});

test('several files are linked to in one page, and none is when one of them cannot be', async () => {
  await using cli = await openCliWithStorage();
  const keys: string[] = [];
  for (const name of ['a', 'b']) {
    await writeFile(join(cli.folder, `${name}.mp3`), `sound of ${name}`);
    const uploaded = await cli.run('upload', `${name}.mp3`, '--class', 'bio-101', '--json');
    keys.push(uploaded.json().results[0].key);
  }
  const page = (...of: string[]) => cli.run('link-page', ...of, '--out', 'page.html', '--json');
  const gone = await page(...keys, 'audio/bio-101/gone.mp3');
  expect(gone.json().error.code).toBe('no-object');
  expect((await cli.run('links', '--json')).json().links).toEqual([]);
  expect((await page(...keys, keys[0]!)).json()).toMatchObject({
    path: join(cli.folder, 'page.html'),
    files: 2,
    sizeBytes: 20,
  });
  const html = await readFile(join(cli.folder, 'page.html'), 'utf8');
  const urls = [...html.matchAll(/href="([^"]+)"/g)].map(([, url]) =>
    url!.replaceAll('&#38;', '&'),
  );
  const texts = await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
  expect(texts).toEqual(['sound of a', 'sound of b']);
  const made = async () => (await cli.run('links', '--json')).json().links;
  expect(await made()).toHaveLength(2);
  // What cannot be saved shares nothing.
  expect((await page(...keys)).json().error.code).toBe('usage');
  expect(await made()).toHaveLength(2);
  // What could not be saved after all has no link, and no page has more than a hundred.
  const nowhere = await cli.run('link-page', ...keys, '--out', 'none/page.html', '--json');
  expect(nowhere.json().error.code).toBe('cannot-write');
  const many = Array.from({ length: 101 }, () => keys[0]!);
  const tooMany = await cli.run('link-page', ...many, '--out', 'many.html', '--json');
  expect(tooMany.json().error.code).toBe('usage');
  expect(await made()).toHaveLength(2);
  // Its addresses name the key that has signed them, as each address does.
  await rm(join(cli.folder, 'page.html'));
});
