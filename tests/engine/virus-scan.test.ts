/** @file The scanner that a person has set: what it objects to is held, what it cannot say waits, and nothing goes up unscanned. */
import { chmod, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram, plainWords, runProgram } from '../../electron/engine/program.ts';
import { findScanner } from '../../electron/engine/virus/find.ts';
import { readVirusScan, saveVirusScan } from '../../electron/engine/virus/virus-scan.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { bioClass, keysOf, openTestEngine, randomFile, signal, toBio } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { makeScanner } from '../support/scanners.ts';
import { tempDir } from '../support/temp-dir.ts';

/** An engine that follows an empty folder, with a scanner. */
async function scanned(behaviour: Parameters<typeof makeScanner>[1], limitSeconds = 60) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openServer('embedded'));
  const dir = stack.use(await tempDir());
  const folder = stack.use(await tempDir());
  const tools = stack.use(await tempDir());
  const scanner = await makeScanner(tools.path, behaviour);
  const app = stack.use(openTestEngine(s3, dir.path, { quietMs: 100, random: () => 0 }));
  const { database } = app.home;
  await saveVirusScan(database, { command: [scanner.path, '--quick'], limitSeconds }, signal());
  await app.engine.addFolder(folder.path, bioClass);
  app.engine.start();
  const path = (name: string) => join(folder.path, name);
  const stateOf = (name: string) => () => app.engine.jobs.ofPath(path(name)).at(-1)?.state;
  return {
    ...app,
    database,
    scanner,
    path,
    stateOf,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('a recording is scanned before anything of it is sent, once for its bytes, and goes up when it is clean', async () => {
  await using app = await scanned('clean');
  const bytes = await randomFile(app.path('-rf $(touch x);.mp3'), 9_000);
  await expect.poll(app.stateOf('-rf $(touch x);.mp3')).toMatchObject({ kind: 'verified' });
  expect(await app.scanner.asked()).toEqual([app.path('-rf $(touch x);.mp3')]);
  await writeFile(app.path('copy.mp3'), bytes);
  await expect.poll(app.stateOf('copy.mp3')).toMatchObject({ kind: 'verified' });
  expect(await app.scanner.asked()).toHaveLength(1);
});

test('what the scanner objects to is held with its words in plain text; nobody overrules it, and other bytes are asked about anew', async () => {
  await using app = await scanned('hit');
  const { engine, scanner, remote } = app;
  await writeFile(app.path('bad.mp3'), 'BAD sound');
  await randomFile(app.path('good.mp3'), 900);
  await expect.poll(app.stateOf('good.mp3')).toMatchObject({ kind: 'verified' });
  await expect.poll(app.stateOf('bad.mp3')).toEqual({
    kind: 'held',
    reason: 'infected',
    detail: 'Win.Test.EICAR_HDB-1 FOUND',
  });
  expect(await keysOf(remote)).toHaveLength(1);
  const ids = engine.jobs.ofPath(app.path('bad.mp3')).map(({ id }) => id);
  expect(engine.decisions.uploadAnyway({ ids })).toBe(0);
  expect(app.stateOf('bad.mp3')()).toMatchObject({ reason: 'infected' });
  // Asked again, it says the same; once it lets the file pass, that goes up.
  expect(engine.decisions.retry({ ids })).toBe(1);
  engine.queue.pump();
  await expect.poll(scanner.asked).toHaveLength(3);
  await expect.poll(app.stateOf('bad.mp3')).toMatchObject({ kind: 'held' });
  await writeFile(app.path('bad.mp3'), 'mended by its owner');
  await expect.poll(app.stateOf('bad.mp3')).toMatchObject({ kind: 'verified' });
  expect(await keysOf(remote)).toHaveLength(2);
  // The other way round: what was clean is no longer, with its size and time put back.
  const at = new Date(1_700_000_000_000);
  await writeFile(app.path('then.mp3'), 'FINE sound');
  await utimes(app.path('then.mp3'), at, at);
  await expect.poll(app.stateOf('then.mp3')).toMatchObject({ kind: 'verified' });
  await writeFile(app.path('then.mp3'), 'BAD  sound');
  await utimes(app.path('then.mp3'), at, at);
  await expect.poll(app.stateOf('then.mp3')).toMatchObject({ kind: 'held', reason: 'infected' });
});

test.each([
  ['crash', 'scan-failed', / broke off$/],
  ['broken', 'scan-failed', / ended with 2: Could not connect to clamd$/],
  ['hang', 'scan-failed', / did not come to an end within 1 seconds$/],
] as const)(
  'a scanner that does this keeps recordings waiting, says so once, and is asked again: %s',
  async (behaviour, code, words) => {
    await using app = await scanned(behaviour, 1);
    for (const name of ['a.mp3', 'b.mp3']) await randomFile(app.path(name), 900);
    await expect.poll(app.stateOf('a.mp3')).toMatchObject({ kind: 'queued', code });
    await expect.poll(app.stateOf('b.mp3')).toMatchObject({ kind: 'queued', code });
    expect(app.engine.scannerTrouble()).toMatchObject({ code });
    expect(app.engine.scannerTrouble()?.message).toMatch(words);
    expect(await keysOf(app.remote)).toEqual([]);
    const told = () => app.heard.filter(({ type }) => type === 'scanner');
    expect(told()).toHaveLength(1);
    await app.scanner.becomes('clean');
    for (const name of ['a.mp3', 'b.mp3'])
      await expect.poll(app.stateOf(name), { timeout: 40_000 }).toMatchObject({ kind: 'verified' });
    expect(app.engine.scannerTrouble()).toBeUndefined();
    expect(told()).toHaveLength(2);
  },
);

test('a scanner that is gone, or may not be started, keeps recordings waiting until it is there again', async () => {
  await using app = await scanned('clean');
  const { path } = app.scanner;
  await rename(path, `${path}.gone`);
  await randomFile(app.path('a.mp3'), 900);
  await expect.poll(app.stateOf('a.mp3')).toMatchObject({ code: 'scanner-missing' });
  expect(app.engine.scannerTrouble()?.message).toBe(`${path} (ENOENT)`);
  await rename(`${path}.gone`, path);
  await chmod(path, 0o644);
  await expect.poll(() => app.engine.scannerTrouble()?.message).toBe(`${path} (EACCES)`);
  expect(await keysOf(app.remote)).toEqual([]);
  await chmod(path, 0o755);
  await expect.poll(app.stateOf('a.mp3')).toMatchObject({ kind: 'verified' });
});

test('a scanner’s flood of words is read, bounded and ends with it', async () => {
  await using app = await scanned('flood');
  await randomFile(app.path('a.mp3'), 900);
  await expect.poll(app.stateOf('a.mp3')).toMatchObject({ kind: 'held', reason: 'infected' });
  const state = app.stateOf('a.mp3')();
  expect(state?.kind === 'held' && state.detail).toMatch(/^(?:word · ){40}.{0,19}…$/);
});

test('a file that changes, or is swapped, while it is being scanned does not go up with the verdict of the one that was looked at', async () => {
  await using app = await scanned('slow');
  const { path } = app.scanner;
  const begun = async () => (await readFile(`${path}.begun`, 'utf8').catch(() => '')).length;
  await writeFile(app.path('a.mp3'), 'first');
  await expect.poll(begun).toBeGreaterThan(0);
  // Out of the way and back again, so that the scanner may have seen the other one.
  await rename(app.path('a.mp3'), app.path('kept aside'));
  await writeFile(app.path('a.mp3'), 'decoy');
  await rename(app.path('kept aside'), app.path('a.mp3'));
  await writeFile(`${path}.go`, '');
  await expect.poll(app.stateOf('a.mp3')).toMatchObject({ kind: 'verified' });
  expect((await app.scanner.asked()).length).toBeGreaterThan(1);
});

test('what a person sends by hand is scanned, too; the scanner gets none of our keys', async () => {
  await using app = await scanned('nosy');
  await using elsewhere = await tempDir();
  const path = join(elsewhere.path, 'talk.mp3');
  await writeFile(path, 'sound');
  const send = () => app.engine.uploadNow([path], toBio, signal());
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'of somebody’s shell';
  expect(await send()).toMatchObject([{ state: { kind: 'verified' } }]);
  await writeFile(path, 'BAD sound');
  await app.scanner.becomes('hit');
  expect(await send()).toMatchObject([{ state: { kind: 'held', reason: 'infected' } }]);
});

test('stopping does not wait for a scanner that hangs, and ends what it has started', async () => {
  await using app = await scanned('hang');
  await randomFile(app.path('a.mp3'), 900);
  await expect.poll(app.scanner.asked).toHaveLength(1);
  await app.engine.stop();
  expect(app.stateOf('a.mp3')()).toMatchObject({ kind: 'queued', attempts: 0 });
});

test('only a scanner that can be started, calls a harmless file clean and leaves files alone is taken', async () => {
  await using app = await scanned('clean');
  const { database } = app;
  const before = readVirusScan(database);
  const save = (...command: string[]) =>
    saveVirusScan(database, { command, limitSeconds: 5 }, signal());
  await expect(save('no such scanner')).rejects.toMatchObject({ code: 'scanner-missing' });
  await expect(save('./scanner')).rejects.toMatchObject({ code: 'scanner-missing' });
  await expect(save('false')).rejects.toMatchObject({ code: 'usage' });
  await expect(save('sh', '-c', 'exit 3')).rejects.toMatchObject({ code: 'scan-failed' });
  for (const option of ['--remove', '--remove=yes', '--move=/tmp'])
    await expect(save('clamscan', option)).rejects.toMatchObject({ code: 'usage' });
  expect(readVirusScan(database)).toEqual(before);
  await save('true');
  expect(readVirusScan(database)?.command[0]).toMatch(/^\/.*\/true$/);
  // What nobody can read any more is not "none": nothing goes up unscanned because of it.
  settingStore(database).set('virus_scan', { command: 'of another version' });
  await randomFile(app.path('a.mp3'), 900);
  await expect.poll(app.stateOf('a.mp3')).toMatchObject({ code: 'saved-unreadable' });
  await saveVirusScan(database, undefined, signal());
  expect(app.engine.decisions.retry({ ids: [] })).toBe(1);
  app.engine.queue.pump();
  await expect.poll(app.stateOf('a.mp3')).toMatchObject({ kind: 'verified' });
});

test('programs are looked for by name where they are installed, and nowhere else', async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, 'clamscan'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  await writeFile(join(dir.path, 'clamdscan'), 'not to be started', { mode: 0o644 });
  expect(await findScanner(`.:${dir.path}`)).toEqual([join(dir.path, 'clamscan'), '--no-summary']);
  expect(await findScanner('.')).toBeUndefined();
  expect(await findProgram('clamscan', '')).toBeUndefined();
  expect(await findProgram(dir.path)).toBeUndefined();
});

test('a program that has ended is not waited for because of what it left behind', async () => {
  const ended = await runProgram(['/bin/sh', '-c', 'echo said; sleep 30 & exit 1'], {
    limitMs: 20_000,
    signal: signal(),
  });
  expect(ended).toEqual({ code: 1, isOverTime: false, said: 'said\n' });
});

test('a program’s words come as one line that moves and turns nothing', () => {
  expect(
    plainWords('\u001B[2J\u001B]0;title\u0007one\r\ntwo\u202E\u0000 \n-----\n\tthree\u2028four'),
  ).toBe('one · two · three · four');
  expect(plainWords('…\n---\n')).toBe('');
  expect(plainWords(`a${'é🎧'.repeat(400)}`)).toMatch(/^a[é🎧]{199}…$/u);
});
