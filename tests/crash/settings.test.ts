import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createConnection } from '../../electron/engine/settings/connection.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { linuxKeychain } from '../support/keychain.ts';
import { tempDir } from '../support/temp-dir.ts';

async function save(
  home: string,
  bucket: string,
  crashAt?: string,
): Promise<NodeJS.Signals | null> {
  const script = join(import.meta.dirname, 'save-connection.ts');
  const env = crashAt === undefined ? {} : { CRASH_AT: crashAt };
  const child = spawn(process.execPath, [script, home, bucket], { env, stdio: 'inherit' });
  await once(child, 'exit');
  return child.signalCode;
}

test('a kill while bucket and keys are saved leaves both as they were: never a bucket with another’s keys', async () => {
  await using home = await tempDir();
  const stored = async () => {
    const { database, close } = openHome({ path: home.path });
    const connection = createConnection({}, settingStore(database), linuxKeychain());
    const settings = await connection.storage().catch(() => undefined);
    close();
    return [settings?.bucket, settings?.credentials?.accessKeyId];
  };
  expect(await save(home.path, 'old')).toBeNull();
  expect(await stored()).toEqual(['old', 'old-key']);
  for (const hit of [1, 2]) {
    expect(await save(home.path, 'new', `settings-half-written:${hit}`)).toBe('SIGKILL');
    expect(await stored()).toEqual(['old', 'old-key']);
  }
  expect(await save(home.path, 'new')).toBeNull();
  expect(await stored()).toEqual(['new', 'new-key']);
});
