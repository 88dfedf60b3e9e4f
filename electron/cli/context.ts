/** @file What a verb works with. Home, storage and engine are opened when a verb asks, so that `--help` is quick. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { clock, defaultUserId, QUIET_MS, RESCAN_MS } from '../engine/defaults.ts';
import type { Database } from 'better-sqlite3';
import { correctionText } from '#shared/corrections.ts';
import { AppError } from '#shared/errors.ts';
import { recoveryText } from '#shared/recovery.ts';
import { lockedText } from '#shared/school.ts';
import type { Engine } from '../engine/engine.ts';
import type { Home } from '../engine/home/home.ts';
import { knownStorage } from '../engine/doctor/known.ts';
import type { OpenLog } from '../engine/log.ts';
import { placeOf, unremembered, type Known } from '../engine/s3/known.ts';
import type { Remote } from '../engine/s3/remote.ts';
import type { StorageSettings } from '../engine/s3/storage-settings.ts';
import {
  behaviourSettings,
  readEnvironment,
  storageSettings,
} from '../engine/settings/settings.ts';
import { defaultHome, isHeld, lockHome, openHome } from '../engine/home/home.ts';
import { limitsOf, schoolWarning, setVariables, type School } from '../engine/school/school.ts';
import { traced, wantsDetailedLog } from '../engine/doctor/traced.ts';
import { askSchool } from '../engine/school/school-now.ts';
import { followSet } from '../engine/school/school-folders.ts';
import { folderStore } from '../engine/store/folders.ts';
import { settingStore } from '../engine/store/settings.ts';
import { uploadRate } from '../engine/upload/upload-rate.ts';
import { limitUnverified, unverifiedText } from '../engine/window/unverified.ts';
import { ledgerPath } from '../engine/home/ledger-file.ts';
import { dismissRecovery, recoveryFacts } from '../engine/home/recovery-record.ts';
import { version } from './version.ts';
import type { Output } from './output.ts';
import type { CliHost } from './program.ts';

export type GlobalOptions = Readonly<{
  home?: string;
  envFile?: string;
  json?: boolean;
  quiet?: boolean;
  debug?: boolean;
}>;

export type Context = ReturnType<typeof createContext>;

export function createContext(
  options: GlobalOptions,
  host: Pick<CliHost, 'env' | 'cwd' | 'signal' | 'onUploads' | 'isOnBattery'> &
    Readonly<{ output: Output }>,
) {
  const { cwd, output, signal } = host;
  const toPath = (path: string) => resolve(cwd, path);
  const env = readEnvironment(
    host.env,
    toPath(options.envFile ?? '.env'),
    options.envFile !== undefined,
  );
  const behaviour = behaviourSettings(env);
  const homeOptions = {
    path: toPath(options.home ?? behaviour.home ?? defaultHome(env)),
    nativeBinding: env['PANSEA_SQLITE_BINDING'],
  };
  const isDebug = options.debug ?? behaviour.isDebug;
  const closers: (() => void | Promise<void>)[] = [];

  function keep<T extends { close: () => void | Promise<void> }>(resource: T): T {
    closers.unshift(() => resource.close());
    return resource;
  }

  /** Ends what was opened after the first ones, last first. */
  async function closeAllBut(first: number): Promise<void> {
    for (const closer of closers.splice(0, closers.length - first)) await closer();
  }

  async function log(home: string): Promise<OpenLog> {
    const { openLog, secretsOf } = await import('../engine/log.ts');
    return openLog(home, isDebug, secretsOf(env));
  }

  let locked: Home | undefined;
  let said: School | undefined;
  /** What the school has set. @throws AppError `policy-unreadable` */
  function school(): School {
    if (said) return said;
    said = askSchool(env, () => settingStore((locked ?? keep(openHome(homeOptions))).database));
    if (said.trouble) output.note(`Warning: ${schoolWarning(said)}`, true);
    return said;
  }

  /** As the environment names it, and over that the school. */
  function wanted(): StorageSettings {
    const set = setVariables(school());
    for (const [name, value] of Object.entries(set))
      if ((env[name]?.trim() || value) !== value)
        output.note(`Note: ${lockedText(`${name} is ${value}`, limitsOf(school()).help)}`);
    return { ...storageSettings({ ...env, ...set }), limits: limitsOf(school()) };
  }

  /** Which storage, and until when its certificates go unchecked, where that was asked for. */
  function settings(): StorageSettings {
    const asked = wanted();
    if (asked.verifyTls) return asked;
    const home = openHome(homeOptions);
    try {
      const limited = limitUnverified(asked, settingStore(home.database), Date.now());
      // The ledger is closed by then.
      const { onUnverified: _, ...rest } = limited;
      return rest;
    } finally {
      home.close();
    }
  }

  /** Which one, as `Remote.place` says; `undefined` while none is set up. */
  function place(): string | undefined {
    try {
      return placeOf(settings());
    } catch (error) {
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }

  /**
   * What is remembered of a storage. No verb fails for want of a ledger to remember it in.
   *
   * @param isToKeep Makes a home for it, where there is none.
   */
  function known(own: StorageSettings, isToKeep = false): Known {
    if (!isToKeep && !existsSync(ledgerPath(homeOptions.path))) return unremembered();
    try {
      return knownStorage(own, keep(openHome(homeOptions)).database, Date.now);
    } catch (error) {
      if (error instanceof AppError) return unremembered();
      throw error;
    }
  }

  async function remote(own: StorageSettings = settings(), facts = known(own)): Promise<Remote> {
    const { openStorage } = await import('../engine/s3/open.ts');
    if (!own.verifyTls) output.note(`Warning: ${unverifiedText(own)}`, true);
    return keep(
      openStorage(own, facts, (correction) => output.note(`Note: ${correctionText(correction)}`)),
    );
  }

  return {
    env,
    output,
    signal,
    toPath,
    envFile: toPath(options.envFile ?? '.env'),
    homePath: homeOptions.path,
    nativeBinding: homeOptions.nativeBinding,
    isDebug,
    isOnBattery: host.isOnBattery ?? (() => undefined),
    keep,
    log,
    remote,
    known,
    school,
    settings,
    place,
    /** The ledger, beside an engine that may be running. */
    home: (): Home => keep(openHome(homeOptions)),
    /** Whether a window, a watch or a sync is at work in this home. */
    isAtWork: (): boolean => isHeld(homeOptions),
    /** The ledger for the one process that changes it. @throws AppError `home-locked` */
    lockedHome: (): Home => (locked ??= keep(lockHome(homeOptions))),
    /** What a window's host needs. */
    hostOptions: () => ({
      env,
      homePath: homeOptions.path,
      nativeBinding: homeOptions.nativeBinding,
      version,
      userId: defaultUserId(),
      quietMs: behaviour.settleMs ?? QUIET_MS,
      graceMs: behaviour.graceMs,
      rescanMs: RESCAN_MS,
      hook: behaviour.hook,
      isDebug,
    }),
    /**
     * The engine on a locked home, under what the school has set by now; the demo brings its own storage, home
     * and haste. `close` ends it alone: the home stays locked for the next one.
     */
    async engine(
      own: Readonly<{ settings?: StorageSettings; homePath?: string; quietMs?: number }> = {},
    ): Promise<{ engine: Engine; home: Home; remote: Remote; close: () => Promise<void> }> {
      said = undefined;
      // Settings first: a missing one must not leave a lock or a home behind.
      const asked = own.settings ?? wanted();
      let late: OpenLog | undefined;
      const path = own.homePath ?? homeOptions.path;
      const onWarning = (error: unknown) => late?.('warn', 'The home is in trouble', { error });
      const home = (locked ??= keep(lockHome({ ...homeOptions, path, onWarning })));
      const before = closers.length;
      const limited = limitUnverified(asked, settingStore(home.database), Date.now());
      const facts = knownStorage(limited, home.database, Date.now);
      const logging = await log(home.path);
      late = logging;
      logging.setDebug(isDebug || wantsDetailedLog(home.database));
      const bytesPerSecond = uploadRate(env, home.database, clock);
      const storage = traced(await remote({ ...limited, bytesPerSecond }, facts), logging);
      if (!own.settings) host.onUploads?.();
      const { openEngine } = await import('../engine/engine.ts');
      const engine = openEngine({
        database: home.database,
        homePath: home.path,
        remote: storage,
        clientVersion: `pansea-sync/${version}`,
        quietMs: own.quietMs ?? behaviour.settleMs ?? QUIET_MS,
        graceMs: behaviour.graceMs,
        rescanMs: RESCAN_MS,
        // The demo's recordings are nobody's.
        hook: own.settings ? undefined : behaviour.hook,
        ...clock,
        random: Math.random,
        log: logging,
      });
      if (!own.settings) {
        const close = await followSet(school(), {
          folders: folderStore(home.database, Date.now),
          save: (...folder) => engine.addFolder(...folder),
          log: logging,
        });
        keep({ close });
      }
      const tell = tellRecovery(home.database, output);
      tell();
      engine.events.on(({ type }) => {
        if (type === 'ledger') tell();
      });
      keep({
        async close() {
          await engine.stop();
          tell();
        },
      });
      return { engine, home, remote: storage, close: () => closeAllBut(before) };
    },
    close: () => closeAllBut(0),
  };
}

/** Says what happened to the list of recordings, each time that there is news; the end of it once. */
function tellRecovery(database: Database, output: Output): () => void {
  let told: string | undefined;
  return () => {
    const facts = recoveryFacts(database);
    const text = facts && recoveryText(facts);
    if (text === undefined || text === told) return;
    told = text;
    output.note(text, true);
    if (facts?.isListed && facts.pending === 0) dismissRecovery(database);
  };
}
