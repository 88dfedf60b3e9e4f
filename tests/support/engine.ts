/** @file The real engine for tests: real SQLite, real files, a real S3 server. Only the waiting is shorter. */
import { join } from 'node:path';
import { openEngine, type Engine } from '../../electron/engine/engine.ts';
import { openHome, type Home } from '../../electron/engine/home.ts';
import { openS3Client, type StorageSettings } from '../../electron/engine/s3/client.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { sdkRemote } from '../../electron/engine/s3/sdk-remote.ts';
import type { EngineEvent } from '../../electron/engine/events.ts';
import type { S3Access } from './s3-servers.ts';

export function settingsFor(access: S3Access): StorageSettings {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = access;
  const credentials = { accessKeyId, secretAccessKey };
  return { endpoint, region, bucket, credentials, profile: undefined, verifyTls: true };
}

export function openRemote(
  access: S3Access,
  settings: Partial<StorageSettings> = {},
): Remote & Disposable {
  const remote = sdkRemote(openS3Client({ ...settingsFor(access), ...settings }), access.bucket);
  return Object.assign(remote, { [Symbol.dispose]: () => remote.close() });
}

export type TestEngine = Readonly<{
  engine: Engine;
  home: Home;
  remote: Remote;
  /** Everything that the engine said, in order. */
  heard: EngineEvent[];
}> &
  AsyncDisposable;

type Options = Readonly<{
  quietMs?: number;
  rescanMs?: number;
  nowMs?: () => number;
  /** Puts something between the engine and the storage. */
  wrap?: (remote: Remote) => Remote;
}>;

/** @param homePath A folder of the test's own, outside the watched ones. */
export function openTestEngine(
  access: S3Access,
  homePath: string,
  options: Options = {},
): TestEngine {
  const home = openHome({ path: join(homePath, 'home') });
  const plain = openRemote(access);
  const remote = options.wrap?.(plain) ?? plain;
  const engine = openEngine({
    database: home.database,
    homePath: home.path,
    remote,
    clientVersion: 'test',
    quietMs: options.quietMs ?? 300,
    rescanMs: options.rescanMs ?? 60_000,
    nowMs: options.nowMs ?? Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
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
    [Symbol.asyncDispose]: async () => {
      await engine.stop();
      home.close();
      plain.close();
    },
  };
}
