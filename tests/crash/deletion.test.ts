/** @file A deletion in the storage, killed at each of its moments: nothing is taken for deleted that is there, nor sent again that a person has deleted. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome } from '../../electron/engine/home/home.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { linkState, linkStore } from '../../electron/engine/store/links.ts';
import { openCli } from '../support/cli.ts';
import { countingServer, keysOf, openRemote } from '../support/engine.ts';
import { deletePoints } from './points.ts';

/** A watched folder with a recording that is stored, and has a link. */
async function openStored() {
  const s3 = await countingServer();
  const cli = await openCli(s3, { PANSEA_SETTLE_SECONDS: '0.2' });
  await writeFile(join(cli.folder, 'a.mp3'), 'sound');
  await cli.run('folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7');
  const sync = async () => expect((await cli.run('sync')).code).toBe(0);
  await sync();
  using remote = openRemote(s3);
  const [key = ''] = await keysOf(remote);
  expect((await cli.run('url', key)).code).toBe(0);
  return {
    sync,
    async dieAt(point: string): Promise<void> {
      cli.env['CRASH_AT'] = `${point}:1`;
      const running = cli.start('delete', key, '--yes');
      const { stdout } = await running.ended;
      expect([running.child.signalCode, stdout]).toEqual(['SIGKILL', '']);
      delete cli.env['CRASH_AT'];
    },
    deleteAgain: async () => (await cli.run('delete', key, '--yes', '--json')).json(),
    key,
    /** What the bucket and the ledger have: the object, its job and its link. */
    async now() {
      const { database, close } = openHome({ path: cli.env['PANSEA_SYNC_HOME']! });
      const [job] = jobStore(database, Date.now, () => {}).ofObject(key);
      const link = linkState(linkStore(database).list()[0]!, Date.now());
      close();
      using looking = openRemote(s3);
      return { keys: await keysOf(looking), job: job?.state, link };
    },
    [Symbol.asyncDispose]: async () => {
      await cli[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
    },
  };
}

const [beforeIntent, afterIntent, afterAnswer, beforeEnd] = deletePoints;

test.each([beforeIntent, afterIntent])(
  'a deletion that dies at %s was none: the recording stays stored, its link works, and it can be deleted',
  async (point) => {
    await using stored = await openStored();
    const { key } = stored;
    await stored.dieAt(point);
    const before = { keys: [key], job: { kind: 'verified' }, link: 'live' };
    expect(await stored.now()).toMatchObject(before);
    await stored.sync();
    expect(await stored.now()).toMatchObject(before);
    expect(await stored.deleteAgain()).toMatchObject({ deleted: [key] });
  },
  60_000,
);

test.each([afterAnswer, beforeEnd])(
  'a deletion that dies at %s is done: the next start notes it, and nothing is sent again',
  async (point) => {
    await using stored = await openStored();
    await stored.dieAt(point);
    const { keys, job } = await stored.now();
    expect([keys, job?.kind]).toEqual([[], point === afterAnswer ? 'verified' : 'dropped']);
    const noted = { keys: [], job: { kind: 'dropped', why: 'deleted' }, link: 'dead' };
    for (let starts = 0; starts < 2; starts += 1) {
      await stored.sync();
      expect(await stored.now()).toEqual(noted);
    }
  },
  60_000,
);
