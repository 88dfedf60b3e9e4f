/** @file Whether the desktop has a place for a tray icon. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

type Run = (program: string, args: readonly string[]) => Promise<string>;

const run: Run = async (program, args) =>
  (await promisify(execFile)(program, args, { timeout: 1_000 })).stdout;

const question = [
  '--session',
  '--print-reply=literal',
  '--dest=org.freedesktop.DBus',
  '/',
  'org.freedesktop.DBus.NameHasOwner',
  'string:org.kde.StatusNotifierWatcher',
];

/**
 * Whether a tray icon would be seen. Linux desktops without a place for it take the icon and show
 * nothing, so the session is asked who shows icons. Without an answer within a second: no.
 */
export async function hasTrayHost(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  ask: Run = run,
): Promise<boolean> {
  if (platform !== 'linux') return true;
  const socket = join(env['XDG_RUNTIME_DIR'] || '/nowhere', 'bus');
  // Without a session the question would start one.
  if (!env['DBUS_SESSION_BUS_ADDRESS'] && !existsSync(socket)) return false;
  const answer = await ask('dbus-send', question).catch(() => '');
  return answer.trim() === 'boolean true';
}
