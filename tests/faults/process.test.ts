/** @file Rows 1, 4, 8 and 9 of the fault matrix, which need a process of their own or an engine that is wrong inside. */
import { writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHome, openHome } from '../../electron/engine/home/home.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { troubleOf } from '../../electron/engine/window/views.ts';
import { MIB } from '../../shared/parts.ts';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { STOP_LIMIT_MS } from '../support/limits.ts';
import { auditAll, linesOf, sha256 } from '../support/oracle.ts';
import { openStage, SMALL } from './stage.ts';

test.each([
  { row: 1, name: 'killed', signal: 'SIGKILL' },
  { row: 4, name: 'asked to end, as by a log-off,', signal: 'SIGTERM' },
] as const)(
  'row $row: $name in the middle of an upload: it waits without a reason or a word, and goes on where it was',
  async ({ signal }) => {
    await using storage = await countingServer();
    await using proxy = await openFaultProxy(storage);
    await using cli = await openCli(proxy.access);
    const path = join(cli.folder, 'a.mp3');
    const bytes = randomBytes(17 * MIB);
    await writeFile(path, bytes);
    await cli.run('folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7');
    proxy.add({
      match: ({ url = '' }) => url.includes('partNumber=3'),
      action: { kind: 'stallAfter', bytes: 1 },
    });
    const running = cli.start('sync', '--json');
    const home = cli.env['PANSEA_SYNC_HOME']!;
    const beside = openHome({ path: home });
    const sent = () =>
      jobStore(beside.database, Date.now)
        .list('uploading', 1)
        .map(({ state }) => 'sentBytes' in state && state.sentBytes);
    await expect.poll(sent, { timeout: 30_000 }).toEqual([16 * MIB]);
    beside.close();
    const asked = performance.now();
    running.child.kill(signal);
    const { stdout } = await running.ended;
    expect(performance.now() - asked).toBeLessThan(STOP_LIMIT_MS);
    proxy.heal();
    const { database, close } = lockHome({ path: home });
    const jobs = jobStore(database, Date.now);
    jobs.recover();
    const [job] = jobs.list(undefined, -1);
    expect(job?.state).toMatchObject({ kind: 'queued', code: null, attempts: 0 });
    expect([troubleOf(job!), jobs.nextStartMs()! <= Date.now()]).toEqual([null, true]);
    close();
    const again = await cli.run('sync', '--json');
    expect(again.code).toBe(0);
    expect(storage.count('CreateMultipartUpload')).toBe(1);
    expect(storage.count('UploadPart')).toBe(3);
    const written = new Map([[path, [sha256(bytes)]]]);
    const told = linesOf(stdout + again.stdout);
    expect(await auditAll({ access: storage, home, written, told, isOver: true })).toEqual([]);
  },
  120_000,
);

test('row 8: asleep in the middle of a part, awake when every connection has gone: the upload goes on', async () => {
  await using storage = await countingServer();
  await using proxy = await openFaultProxy(storage);
  await using cli = await openCli(proxy.access);
  const path = join(cli.folder, 'a.mp3');
  const bytes = randomBytes(17 * MIB);
  await writeFile(path, bytes);
  await cli.run('folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7');
  const asleep = Promise.withResolvers<void>();
  const rule = proxy.add({
    match: 'UploadPart',
    action: [
      { kind: 'stallAfter', bytes: MIB },
      { kind: 'call', bytes: MIB, run: asleep.resolve },
    ],
  });
  const running = cli.start('sync', '--json');
  await asleep.promise;
  running.child.kill('SIGSTOP');
  // Another network: what was open is not there any more, and nobody says so to who sleeps.
  proxy.heal();
  const open = () => {
    proxy.hangUp(); // Again: one may have been on its way in.
    return proxy.sockets();
  };
  await expect.poll(open).toBe(0);
  const before = proxy.log.length;
  running.child.kill('SIGCONT');
  const { code, stdout } = await running.ended;
  expect(code).toBe(0);
  expect(rule.hits).toBeGreaterThan(0);
  // No burst: three parts, each once and again at most, and a few questions.
  expect(proxy.log.length - before).toBeLessThanOrEqual(15);
  const written = new Map([[path, [sha256(bytes)]]]);
  const home = cli.env['PANSEA_SYNC_HOME']!;
  const told = linesOf(stdout);
  expect(await auditAll({ access: storage, home, written, told, isOver: true })).toEqual([]);
});

// oxlint-disable-next-line vitest/expect-expect -- the stage expects
test('row 9: what goes wrong inside with one file is that file’s alone, is said without blame, and is tried again', async () => {
  let isWrong = true;
  await using stage = await openStage({
    wrap: (remote) => ({
      ...remote,
      head(key, signal) {
        const job = stage.jobs().find((one) => one.key === key);
        if (isWrong && job?.name === 'bad.mp3') throw new TypeError('x is not a function');
        return remote.head(key, signal);
      },
    }),
  });
  await stage.write('bad.mp3', SMALL);
  await stage.write('good.mp3', SMALL);
  await stage.start();
  await stage.verified(1);
  await stage.sees({
    state: 'queued',
    code: 'unexpected',
    next: 'soon',
    says: 'Something went wrong inside Pan-Sea Sync. Your recordings are safe on this computer. Try again; uploads do so by themselves. The log has the details.',
  });
  isWrong = false;
  stage.later(3_600_000);
  await stage.verified(2);
  await stage.audit();
});
