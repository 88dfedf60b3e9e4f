/** @file A storage that asks to be left alone a little: less is sent at a time, nothing stops, and it becomes more again. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import { ways } from '../remote/port.ts';
import { refusal } from '../faults/answers.ts';
import { openCli } from '../support/cli.ts';
import { countingServer, openTestEngine, randomFile, toBio } from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { tempDir } from '../support/temp-dir.ts';

const signal = () => AbortSignal.timeout(100_000);

test.each(ways)(
  'the %s way, a storage that takes two requests at a time gets all, and is hardly asked for more',
  async (way) => {
    await using s3 = await countingServer({ atOnce: 2 });
    await using dir = await tempDir();
    await using app = openTestEngine(s3, dir.path, { quietMs: 30, settings: { way } });
    const { engine, remote, corrections, heard } = app;
    const paths = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const path = join(dir.path, `${i}.mp3`);
        await randomFile(path, i < 3 ? 33 * MIB : 200_000);
        return path;
      }),
    );
    const jobs = await engine.uploadNow(paths, toBio, signal());
    expect(jobs.map((job) => job instanceof Error || job.state.kind)).toEqual(
      paths.map(() => 'verified'),
    );
    // No door was closed, no attempt was lost, and no part was sent for nothing more than now and then.
    expect(heard.filter(({ type }) => type === 'storage')).toEqual([]);
    const refused = s3.requests.filter(({ status }) => status === 503).length;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(s3.requests.length / 2);
    expect(corrections[0]).toEqual({ kind: 'pace', why: 'asked' });

    // What it takes again it gets.
    delete s3.switches.atOnce;
    while (remote.slowed() !== undefined) await remote.head('k', signal());
    expect(corrections.at(-1)).toEqual({ kind: 'pace', why: 'over' });
  },
);

test.each(ways)('the %s way, how long it wants to be left alone is its own word', async (way) => {
  await using s3 = await countingServer();
  await using line = await openFaultProxy(s3);
  await using dir = await tempDir();
  await using app = openTestEngine(line.access, dir.path, { quietMs: 30, settings: { way } });
  // The SDK tries twice by itself.
  const nth = way === 'sdk' ? [1, 2] : 1;
  line.add({ nth, action: refusal(429, 'TooManyRequests', { 'retry-after': '3' }) });
  expect(await app.remote.head('k', signal())).toBeUndefined();
  const [, last] = [line.log.at(-2)!.atMs, line.log.at(-1)!.atMs];
  expect(last - line.log.at(-2)!.atMs).toBeGreaterThanOrEqual(2_900);
});

test('the command line says it in words, once', async () => {
  await using s3 = await countingServer({ atOnce: 1 });
  await using cli = await openCli(s3);
  for (let i = 0; i < 6; i += 1) await randomFile(join(cli.folder, `${i}.mp3`), 2 * MIB);
  const names = Array.from({ length: 6 }, (_, i) => `${i}.mp3`);
  const { code, stderr } = await cli.run('upload', ...names, '--class', 'bio-101');
  expect(code).toBe(0);
  expect(stderr.split('The storage asked us to slow down.')).toHaveLength(2);
});
