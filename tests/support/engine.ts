/** @file The real engine for tests: real SQLite, real files, a real S3 server. Only the waiting is shorter. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RequestEntry } from '../../electron/embedded-s3/handle.ts';
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import type { Store } from '../../electron/embedded-s3/store/store.ts';
import type { Switches } from '../../electron/embedded-s3/switches.ts';
import { openEngine, type Engine } from '../../electron/engine/engine.ts';
import type { HookTimes } from '../../electron/engine/hook.ts';
import { openHome, type Home } from '../../electron/engine/home/home.ts';
import { knownStorage } from '../../electron/engine/doctor/known.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import type { Known } from '../../electron/engine/s3/known.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { openStorage } from '../../electron/engine/s3/open.ts';
import type { Correction } from '../../shared/corrections.ts';
import type { EngineEvent } from '../../electron/engine/events.ts';
import type { FolderRule } from '../../electron/engine/store/folders.ts';
import type { S3Access } from './s3-servers.ts';
import { canaryKeys } from './canary.ts';
import { allUploads } from './storage-list.ts';
import { damageOf, type Damage } from './storage-damage.ts';
import { tempDir } from './temp-dir.ts';
import { openSdk } from './sdk-client.ts';

/** Of what is asked for: it ends before the test does, and says what was waited for. */
export const signal = () => AbortSignal.timeout(50_000);

export function settingsFor(access: S3Access): StorageSettings {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = access;
  const credentials = { accessKeyId, secretAccessKey };
  return {
    endpoint,
    region,
    bucket,
    credentials,
    profile: undefined,
    verifyTls: true,
    ca: undefined,
    proxyEnv: {},
  };
}

export function openRemote(
  access: S3Access,
  settings: Partial<StorageSettings> = {},
  known?: Known,
  onCorrected?: (correction: Correction) => void,
): Remote & Disposable {
  const all = { ...settingsFor(access), ...settings };
  const remote = openStorage(all, known, onCorrected);
  return Object.assign(remote, { [Symbol.dispose]: () => remote.close() });
}

export type TestEngine = Readonly<{
  engine: Engine;
  home: Home;
  remote: Remote;
  /** Everything that the engine said, in order. */
  heard: EngineEvent[];
  /** What the storage's answers put right. */
  corrections: Correction[];
}> &
  AsyncDisposable;

type Options = Readonly<{
  quietMs?: number;
  /** None unless told: what looks unfinished is held at once. */
  graceMs?: number;
  rescanMs?: number;
  nowMs?: () => number;
  monotonicMs?: () => number;
  random?: () => number;
  /** Puts something between the engine and the storage. */
  wrap?: (remote: Remote) => Remote;
  /** Other keys, another bucket. */
  settings?: Partial<StorageSettings>;
  hook?: string;
  hookTimes?: Partial<HookTimes>;
}>;

/** @param homePath A folder of the test's own, outside the watched ones. */
export function openTestEngine(
  access: S3Access,
  homePath: string,
  options: Options = {},
): TestEngine {
  const home = openHome({ path: join(homePath, 'home') });
  const settings = { ...settingsFor(access), ...options.settings };
  const known = knownStorage(settings, home.database, Date.now);
  const corrections: Correction[] = [];
  const plain = openRemote(access, settings, known, (one) => corrections.push(one));
  const remote = options.wrap?.(plain) ?? plain;
  const engine = openEngine({
    database: home.database,
    homePath: home.path,
    remote,
    clientVersion: 'test',
    quietMs: options.quietMs ?? 300,
    graceMs: options.graceMs ?? 0,
    rescanMs: options.rescanMs ?? 60_000,
    nowMs: options.nowMs ?? Date.now,
    monotonicMs: options.monotonicMs ?? (() => performance.now()),
    random: options.random ?? Math.random,
    hook: options.hook,
    hookTimes: options.hookTimes,
    // Vitest shows it beside the test's name; what went wrong inside is half of a failure's story.
    log: (level, message, fields) => {
      if (process.env['PANSEA_TEST_LOG']) console.log(level, message, fields);
    },
  });
  const heard: EngineEvent[] = [];
  engine.events.on((event) => heard.push(event));
  return {
    engine,
    home,
    remote,
    heard,
    corrections,
    [Symbol.asyncDispose]: async () => {
      await engine.stop();
      home.close();
      plain.close();
    },
  };
}

export type Counted = S3Access &
  AsyncDisposable & {
    requests: RequestEntry[];
    /** How often an operation was answered with success since the start, or since `requests` was emptied. */
    count: (operation: string) => number;
    /** How it differs from S3; may be changed at any time. */
    switches: Switches;
    /** What happens to stored things behind everybody's back. */
    damage: Damage;
  };

/** An embedded server that writes down what it was asked. */
export async function countingServer(switches: Switches = {}): Promise<Counted> {
  const dir = await tempDir();
  let store: Store | undefined;
  const requests: RequestEntry[] = [];
  const server = await startEmbeddedS3({
    dataDir: dir.path,
    ...canaryKeys,
    onRequest: (entry) => requests.push(entry),
    switches: Object.assign(switches, { opened: (opened: Store) => (store = opened) }),
  });
  return {
    ...server,
    name: 'embedded',
    requests,
    switches,
    damage: damageOf(store!, dir.path, server.bucket),
    count: (operation) =>
      requests.filter((entry) => entry.operation === operation && entry.status < 300).length,
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A class folder's rule. */
export const bioClass: FolderRule = {
  kind: 'audio',
  classId: 'bio-101',
  userId: 'teacher-7',
  include: [],
  exclude: [],
};
export const toBio = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' } as const;

/** Writes a file that nothing compresses and no two parts of which are alike; its folder is made. */
export async function randomFile(path: string, sizeBytes: number): Promise<Buffer> {
  const bytes = randomBytes(sizeBytes);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  return bytes;
}

/** The whole object, read by the port. */
export async function objectBytes(remote: Remote, key: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of await remote.read(key, 0, undefined, AbortSignal.timeout(30_000)))
    pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** The keys of all objects. */
export async function keysOf(remote: Remote): Promise<string[]> {
  const { objects } = await remote.list('', 1_000, undefined, AbortSignal.timeout(30_000));
  return objects.map(({ key }) => key);
}

/** A call that is never answered, until it is called off. */
export function hang(until: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = () => reject(until.reason as Error);
    if (until.aborted) stop();
    until.addEventListener('abort', stop, { once: true });
  });
}

/** The keys of uploads that were neither completed nor aborted. */
export async function unfinishedUploads(access: S3Access): Promise<string[]> {
  using client = openSdk(access);
  const uploads = await allUploads(client, access.bucket);
  return uploads.map(({ key }) => key);
}
