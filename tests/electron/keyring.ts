/** @file A desktop session of its own with an unlocked keychain: its bus and gnome-keyring, which nobody else sees. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type TestContext } from 'vitest';
import { missingPrograms } from '../../scripts/bootstrap/programs.mjs';
import { end } from './app.ts';

const missing = missingPrograms(['gnome-keyring-daemon', 'dbus-daemon', 'dbus-send']);

/** Without a keychain its tests are skipped, and say why. */
export function needKeyring({ skip }: TestContext): void {
  skip(missing.length > 0, `there is no keychain here: ${missing.join(', ')} missing`);
}

const question = ['--session', '--print-reply=literal', '--dest=org.freedesktop.DBus', '/'];
const hasOwner = [
  ...question,
  'org.freedesktop.DBus.NameHasOwner',
  'string:org.freedesktop.secrets',
];

/**
 * @param folder Where the keyring's files are; another session in the same folder finds them again.
 * @returns What the app is to be started with.
 */
export async function openKeyring(folder: string) {
  const stack = new AsyncDisposableStack();
  const runtime = join(folder, 'runtime');
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  const address = `unix:path=${join(runtime, 'bus')}`;
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    XDG_RUNTIME_DIR: runtime,
    DBUS_SESSION_BUS_ADDRESS: address,
  };
  const bus = spawn(
    'dbus-daemon',
    ['--session', '--nofork', '--nopidfile', '--print-address', `--address=${address}`],
    { env, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  stack.defer(() => end(bus));
  await once(bus.stdout, 'data');
  const keyring = spawn(
    'gnome-keyring-daemon',
    ['--foreground', '--unlock', '--components=secrets', `--control-directory=${runtime}`],
    { env, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  stack.defer(() => end(keyring));
  keyring.stdin.end('a test’s password');
  await expect
    .poll(async () => (await promisify(execFile)('dbus-send', hasOwner, { env })).stdout.trim())
    .toBe('boolean true');
  // Playwright's own script tells Electron to use no keychain.
  const before = join(folder, 'use-keyring.cjs');
  await writeFile(
    before,
    `require('electron').app.commandLine.appendSwitch('password-store', 'gnome-libsecret');`,
  );
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime },
    before,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
