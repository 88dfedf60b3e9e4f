/** @file The engine as the app hosts it. */
import { app, clipboard, safeStorage, shell } from 'electron';
import { defaultUserId, QUIET_MS, RESCAN_MS } from '../engine/defaults.ts';
import type { AppHost } from '../engine/window/host.ts';
import type { Environment } from '../engine/settings/settings.ts';
import { desktopOf, type Dialogs } from './dialogs.ts';
import { keychain } from './keys.ts';
import { copyText } from './versions.ts';

export type EngineOptions = Readonly<{
  env: Environment;
  home: string;
  /** How long a recording must not have changed, when the settings say so. */
  settleMs: number | undefined;
  graceMs: number | undefined;
  hook: string | undefined;
  wantsDemo: boolean;
}>;

type IsOnBattery = () => boolean | undefined;

/** What can be expected to go wrong is in the host's status, not thrown. */
export async function openEngine(
  { env, home, settleMs, graceMs, hook, wantsDemo }: EngineOptions,
  dialogs: Dialogs,
  isOnBattery: IsOnBattery,
): Promise<AppHost> {
  // Only now: the window is on its way while these are read.
  const [{ openAppHost }, { startDemo }] = await Promise.all([
    import('../engine/window/host.ts'),
    import('../demo/demo.ts'),
  ]);
  return openAppHost({
    env,
    homePath: home,
    version: app.getVersion(),
    userId: defaultUserId(),
    desktop: desktopOf(dialogs, {
      revealFile: (path) => shell.showItemInFolder(path),
      copyText: (text) => copyText(clipboard, text),
      isOnBattery,
      keys: keychain(safeStorage, process.platform),
      downloads: () => app.getPath('downloads'),
    }),
    quietMs: settleMs ?? QUIET_MS,
    graceMs,
    hook,
    rescanMs: RESCAN_MS,
    // For tests, which run in an Electron that the native module's own binary does not fit.
    nativeBinding: (!app.isPackaged && env['PANSEA_SQLITE_BINDING']) || undefined,
    ...(wantsDemo ? { startDemo } : {}),
  });
}
