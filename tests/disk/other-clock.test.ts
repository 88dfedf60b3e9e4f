/** @file Promise: nothing depends on the clock; a whole process whose clock jumps by decades (libfaketime). */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MIB } from '../../shared/parts.ts';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { auditAll, linesOf, sha256 } from '../support/oracle.ts';
import { tempDir } from '../support/temp-dir.ts';
import { noOtherClock, otherClock } from './tools.ts';

test(
  'a process whose clock jumps by years, before 1970 too, sends every recording once and sends none again',
  { timeout: 180_000 },
  async ({ skip }) => {
    const missing = noOtherClock();
    skip(missing !== undefined, missing);
    await using dir = await tempDir();
    await using storage = await countingServer();
    await using proxy = await openFaultProxy(storage);
    const file = join(dir.path, 'clock');
    const setClock = (ahead: string) => writeFileSync(file, `${ahead}\n`);
    setClock('+3y');
    const env = { ...otherClock(file), PANSEA_SETTLE_SECONDS: '1.5' };
    await using cli = await openCli(proxy.access, env);
    const written = new Map<string, string[]>();
    const record = async (name: string, sizeBytes: number) => {
      const bytes = randomBytes(sizeBytes);
      const path = join(cli.folder, name);
      await writeFile(path, bytes);
      written.set(path, [sha256(bytes)]);
    };
    await record('a.mp3', 17 * MIB);
    await record('b.mp3', 50_000);
    await cli.run('folders', 'add', '.', '--class', 'bio-101', '--user', 'teacher-7');
    // Each of these while a request is on its way, whatever it is; the storage's own clock is right.
    const jumps = ['+2d', '-1d', '+400d', '-21000d', '-3y', '+0d'];
    const rules = jumps.map((ahead, i) =>
      proxy.add({
        nth: i + 1,
        action: { kind: 'call', bytes: 1, run: () => setClock(ahead) },
      }),
    );
    const running = cli.start('sync', '--json');
    await expect.poll(running.stdout, { timeout: 30_000, interval: 20 }).toContain('settling');
    setClock('-21000d');
    const first = await running.ended;
    expect(rules.every(({ hits }) => hits > 0)).toBe(true);
    // What the jumps have put off is due at once when a new process begins, at yet another time.
    setClock('-21000d');
    await record('c.mp3', 60_000);
    const second = await cli.run('sync', '--json');
    setClock('+30y');
    const third = await cli.run('sync', '--json');
    expect([second.code, third.code]).toEqual([0, 0]);
    expect(third.lines().at(-1)).toMatchObject({ found: 3, uploaded: 0 });
    expect(storage.count('PutObject')).toBe(2);
    expect(storage.count('CompleteMultipartUpload')).toBe(1);
    const home = cli.env['PANSEA_SYNC_HOME']!;
    const told = linesOf(first.stdout + second.stdout + third.stdout);
    expect(await auditAll({ access: storage, home, written, told, isOver: true })).toEqual([]);
  },
);
