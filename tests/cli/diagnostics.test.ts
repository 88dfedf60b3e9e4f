import { unzipSync, strFromU8 } from 'fflate';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canarySession } from '../support/canary.ts';
import { openCli } from '../support/cli.ts';
import { openServer } from '../support/s3-servers.ts';

const canary = {
  AWS_SESSION_TOKEN: canarySession(1).sessionToken,
  HTTPS_PROXY: 'http://amira:cAnArYproxy@proxy.school.example:3128',
};

test('a report holds what helps, and neither keys, links nor passwords', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, canary);
  await cli.run('folders', 'add', cli.folder, '--class', 'BIO-101');
  await writeFile(join(cli.folder, 'Cell division.mp3'), 'ID3 sound');
  await cli.run('sync'); // The storage knows no such session token: the file waits.
  const secrets = [s3.secretAccessKey, s3.accessKeyId, ...Object.values(canary), 'cAnArYproxy'];
  // What a careless line of a log could hold.
  const log = join(cli.env['PANSEA_SYNC_HOME']!, 'logs', 'pansea-sync.log');
  await writeFile(log, `${secrets.join(' ')} X-Amz-Signature=c0ffee\n`, { flag: 'a' });

  const preview = (await cli.run('diagnostics', '--json')).json();
  const made = await cli.run('diagnostics', '--out', 'report.zip', '--json');
  expect(made).toMatchObject({ code: 0 });
  const { path, contents } = made.json();
  expect(contents.map(({ name }: { name: string }) => name)).toEqual(
    preview.contents.map(({ name }: { name: string }) => name),
  );
  expect((await stat(path)).mode & 0o077).toBe(0);
  const files = Object.entries(unzipSync(await readFile(path))).map(
    ([name, bytes]) => [name, strFromU8(bytes)] as const,
  );
  expect(files.map(([name]) => name)).toEqual([
    'about.json',
    'settings.json',
    'ledger.json',
    'history.txt',
    'log.jsonl',
  ]);
  const all = files.map(([, text]) => text).join('\n');
  for (const secret of [...secrets, 'c0ffee']) expect(all).not.toContain(secret);
  const [, settings, ledger, history, lines] = files.map(([, text]) => text);
  expect(JSON.parse(settings!)).toMatchObject({
    AWS_S3_BUCKET: s3.bucket,
    AWS_SECRET_ACCESS_KEY: '[removed]',
    HTTPS_PROXY: 'set',
  });
  expect(JSON.parse(ledger!)).toMatchObject({
    integrity: 'ok',
    jobs: [{ kind: 'queued', count: 1 }],
  });
  expect(history).toMatch(/is followed\n/);
  expect(lines).toContain('[removed]');
  // A report that is there already stays as it is.
  const again = await cli.run('diagnostics', '--out', 'report.zip', '--json');
  expect(again.json().error).toMatchObject({ code: 'download-exists' });
  await rm(log); // No keys may be left behind, not even those that were put there.
});

test('a report is made without a storage and with a ledger that cannot be opened', async () => {
  await using cli = await openCli();
  expect((await cli.run('diagnostics', '--out', 'a.zip')).code).toBe(0);
  const home = cli.env['PANSEA_SYNC_HOME']!;
  const names = (await readdir(home)).filter((name) => name.endsWith('.db'));
  expect(names).not.toEqual([]);
  for (const name of names) await writeFile(join(home, name), 'not a database at all'.repeat(99));
  const broken = await cli.run('diagnostics', '--out', 'b.zip', '--json');
  expect(broken.code).toBe(0);
  const files = unzipSync(await readFile(broken.json().path));
  expect(JSON.parse(strFromU8(files['ledger.json']!))).toMatchObject({ isOpen: false });
});
