import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { openCliWithStorage } from '../support/cli.ts';

test('held recordings are told with their way on, sent as they are, dismissed and sent again', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'empty.mp3'), '');
  await writeFile(join(cli.folder, 'double_click_to_convert_01.zoom'), 'raw');
  await cli.run('folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7');
  const first = await cli.run('sync');
  expect(first.stdout).toMatch(
    /held +.*empty\.mp3: The file is empty \(0 bytes\)\. .*Check the recorder, and whether its disk is full\. To upload it as it is: pansea-sync upload-anyway \d/,
  );
  expect(first.stdout).toMatch(
    /held +.*\.zoom: Zoom has not converted this meeting yet\. .*Double-click the file/,
  );
  const held = (await cli.run('jobs', '--state', 'held', '--json')).json().jobs;
  const idOf = (name: string) =>
    String(held.find(({ path }: { path: string }) => path.endsWith(name)).id);
  const [empty, zoom] = [idOf('empty.mp3'), idOf('.zoom')];
  const some = await cli.run('jobs', '--state', 'held', '--limit', '1');
  expect(some.stdout).toMatch(/\n… and 1 more: raise --limit\n$/);
  const any = await cli.run('jobs', '--limit', '1');
  expect(any.stdout).toMatch(/\n… and 1 more: raise --limit, or ask for some with --state\n$/);
  expect((await cli.run('upload-anyway', empty, '--json')).json()).toEqual({ released: 1 });
  expect((await cli.run('dismiss', zoom)).stdout).toBe('1 will not be uploaded; the files stay.\n');
  const summary = (await cli.run('sync', '--json')).lines().at(-1);
  expect(summary).toMatchObject({ verified: 1, held: 0, failed: 0 });
  const dropped = (await cli.run('jobs', '--state', 'dropped', '--json')).json().jobs;
  expect(dropped).toMatchObject([{ id: Number(zoom), reason: 'cancelled' }]);
  const listed = await cli.run('jobs', '--state', 'dropped');
  expect(listed.stdout).toContain('\n                 dismissed: it is not uploaded\n');
  // What is stored is not dismissed, and says so.
  const late = await cli.run('dismiss', empty);
  expect(late).toMatchObject({ code: 1, stdout: '1 left as it is: jobs shows why.\n' });
  const none = await cli.run('retry', '998', '999');
  const noSuch = 'There is no upload 998, 999: jobs shows their numbers.\n';
  expect(none).toMatchObject({ code: 1, stdout: noSuch });
  expect((await cli.run('send-again', zoom, '--json')).json()).toEqual({ sent: 1, held: 0 });
  expect((await cli.run('sync', '--json')).lines().at(-1)).toMatchObject({ verified: 1 });
  expect((await cli.run('dismiss')).code).toBe(2);
});

test('one that waits is sent first, and what is stored is left', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'One.mp3'), 'sound');
  await cli.run('folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7');
  await cli.run('sync');
  const [{ id: stored }] = (await cli.run('jobs', '--json')).json().jobs;
  const home = openHome({ path: join(cli.folder, '../home') });
  const jobs = jobStore(home.database, Date.now);
  const [two, three] = ['Two.mp3', 'Three.mp3'].map((name, n) => {
    const { id: _, ...like } = jobs.get(stored)!;
    const state = {
      kind: 'queued',
      attempts: 0,
      notBeforeMs: n,
      code: null,
      upload: null,
    } as const;
    return jobs.enqueue({ ...like, name, path: name, key: name, token: name, state }).job.id;
  });
  const done = await cli.run('send-first', String(three), String(stored));
  expect(done).toMatchObject({
    code: 1,
    stdout: '1 will be sent before the others that wait.\n1 left as it is: jobs shows why.\n',
  });
  const { jobs: rows } = (await cli.run('jobs', '--state', 'queued', '--json')).json();
  const first = rows.find(({ id }: { id: number }) => id === three);
  expect(first).toMatchObject({ isFirst: true });
  expect(first).not.toHaveProperty('nextAttemptAt');
  expect((await cli.run('jobs', '--state', 'queued')).stdout).toMatch(/Three\.mp3.* · goes first/);
  expect(jobs.claim('small', Date.now(), 9).map(({ id }) => id)).toEqual([three, two]);
  home.close();
});

test('a dismissed recording without a class is not said to go up when it is sent again', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'lecture.mp3'), 'sound');
  await cli.run('folders', 'add', '.', '--user', 'teacher-7');
  await cli.run('sync');
  const { id } = (await cli.run('jobs', '--state', 'held', '--json')).json().jobs[0];
  await cli.run('dismiss', String(id));
  expect(await cli.run('send-again', String(id))).toMatchObject({
    code: 1,
    stdout: '1 still needs a class: jobs shows why.\n',
  });
});

test('what a folder takes is set with it, and what it does not take is told with the limit', async () => {
  await using cli = await openCliWithStorage();
  await writeFile(join(cli.folder, 'long.mp3'), Buffer.alloc(60_000, 'sound'));
  await writeFile(join(cli.folder, 'camera.mkv'), 'picture');
  await writeFile(join(cli.folder, 'talk.mp3'), '<html><body>Sign in first</body></html>');
  const add = ['folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7'];
  for (const wrong of [
    ['--max-size', 'a lot'],
    ['--types', 'm/p'],
  ])
    expect((await cli.run(...add, ...wrong)).code).toBe(2);
  const added = await cli.run(...add, '--types', 'MP3,.wav', '--max-size', '50kB', '--json');
  expect(added.json().folders).toMatchObject([{ types: ['mp3', 'wav'], maxBytes: 50_000 }]);
  const { stdout } = await cli.run('sync');
  expect(stdout).toMatch(
    /held +.*long\.mp3: Larger than its folder takes\. 60 kB; its folder takes 50 kB at most\. .*To upload it as it is: pansea-sync upload-anyway \d/,
  );
  expect(stdout).toMatch(
    /held +.*camera\.mkv: A type that its folder does not take\. mkv; its folder takes mp3, wav/,
  );
  expect(stdout).toMatch(/held +.*talk\.mp3: Not what its name says\. It begins like a web page/);
  const { jobs } = (await cli.run('jobs', '--state', 'held', '--json')).json();
  expect(jobs).toContainEqual(
    expect.objectContaining({
      reason: 'over-limit',
      detail: '60 kB; its folder takes 50 kB at most',
    }),
  );
  // Without the options it takes everything again, but what is no recording at all still waits.
  await cli.run(...add);
  expect((await cli.run('sync', '--json')).lines().at(-1)).toMatchObject({ verified: 2, held: 1 });
});
