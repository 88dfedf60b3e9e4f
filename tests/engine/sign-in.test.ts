import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { HOUR_MS } from '#shared/time.ts';
import type { Session } from '../../electron/embedded-s3/switches.ts';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { readEnvironment, storageSettings } from '../../electron/engine/settings/settings.ts';
import { MIB } from '../../shared/parts.ts';
import { openAwsTools, type AwsTools } from '../support/aws-tools.ts';
import { canarySession } from '../support/canary.ts';
import { storageEnv } from '../support/cli.ts';
import {
  countingServer,
  objectBytes,
  openRemote,
  openTestEngine,
  randomFile,
  signal,
  toBio,
} from '../support/engine.ts';
import { tempDir } from '../support/temp-dir.ts';

/** The files of the AWS tools tell whole seconds. */
const soon = () => Math.ceil(Date.now() / 1_000) * 1_000 + HOUR_MS;
const byProfile = { credentials: undefined, profile: 'school' } satisfies Partial<StorageSettings>;

/** SDK providers read the process environment. */
function useTools({ env }: AwsTools): void {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
}
afterEach(() => vi.unstubAllEnvs());

function sessionOf(n: number): Session & { endsAtMs: number } {
  const { sessionToken: token, ...keys } = canarySession(n);
  return { ...keys, token, endsAtMs: Infinity };
}

describe('who signs', () => {
  type Case = Readonly<{
    name: string;
    prepare: (tools: AwsTools, endsAtMs: number) => Promise<unknown>;
    expected: object;
  }>;
  const role =
    'role_arn = arn:aws:iam::123456789012:role/recorder\nsource_profile = base\nregion = us-east-1';
  const base = { 'profile base': 'aws_access_key_id = A\naws_secret_access_key = B' };
  const sso = {
    'profile school':
      'sso_session = campus\nsso_account_id = 123456789012\nsso_role_name = recorder',
    'sso-session campus': 'sso_start_url = https://campus.example\nsso_region = us-east-1',
  };
  const cases: Case[] = [
    {
      name: 'a profile',
      prepare: (tools) => tools.writeProfile(canarySession(1)),
      expected: { source: 'profile', profile: 'school', endsAtMs: undefined },
    },
    {
      name: 'a profile’s program',
      prepare: async (tools, endsAtMs) => {
        await tools.writeProgramKeys(canarySession(1), endsAtMs);
        await tools.writeConfig({ 'profile school': `credential_process = ${tools.program}` });
      },
      expected: { source: 'process', profile: 'school' },
    },
    {
      name: 'a profile’s role',
      prepare: async (tools, endsAtMs) => {
        tools.give(canarySession(1), endsAtMs);
        await tools.writeConfig({ ...base, 'profile school': role });
      },
      expected: { source: 'role', profile: 'school' },
    },
    {
      name: 'a single sign-on',
      prepare: async (tools, endsAtMs) => {
        tools.give(canarySession(1), endsAtMs);
        await tools.writeConfig(sso);
        await tools.writeSsoLogin('campus', endsAtMs);
      },
      expected: { source: 'sso', profile: 'school' },
    },
  ];

  test.each(cases)('is told by $name, with its end, and the storage takes it', async (one) => {
    await using s3 = await countingServer({ sessions: [sessionOf(1)] });
    await using dir = await tempDir();
    await using tools = await openAwsTools(dir.path);
    useTools(tools);
    const endsAtMs = soon();
    await one.prepare(tools, endsAtMs);
    using remote = openRemote(s3, byProfile);
    expect(await remote.signIn()).toEqual({
      keyEnding: 'NARY',
      isTemporary: true,
      endsAtMs,
      ...one.expected,
    });
    expect((await remote.list('', 1, undefined, signal())).objects).toEqual([]);
  });

  test('is told of keys by name: the environment, or the .env file', async () => {
    await using s3 = await countingServer();
    await using dir = await tempDir();
    const lines = Object.entries(storageEnv(s3)).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(dir.path, '.env'), lines.join(''));
    const fromFile = readEnvironment({}, join(dir.path, '.env'), true);
    const fromBoth = readEnvironment(
      storageEnv({ ...s3, accessKeyId: 'OTHER' }),
      join(dir.path, '.env'),
      true,
    );
    for (const [env, source] of [
      [fromFile, 'env-file'],
      [fromBoth, 'environment'],
      [storageEnv(s3), 'environment'],
    ] as const) {
      using remote = openRemote(s3, storageSettings(env));
      expect(await remote.signIn()).toMatchObject({
        source,
        profile: undefined,
        isTemporary: false,
      });
    }
    const ends = { AWS_SESSION_TOKEN: 't', AWS_CREDENTIAL_EXPIRATION: '2031-05-06T07:08:09Z' };
    using remote = openRemote(s3, storageSettings({ ...storageEnv(s3), ...ends }));
    expect(await remote.signIn()).toMatchObject({
      isTemporary: true,
      endsAtMs: Date.parse('2031-05-06T07:08:09Z'),
    });
  });

  test.each([
    ['no such profile', {}, 'credentials-missing'],
    [
      'a program that fails',
      { 'profile school': 'credential_process = exit 3 # secret' },
      'sign-in-failed',
    ],
    ['a single sign-on that nobody did', sso, 'sign-in-expired'],
    [
      'a second factor',
      { ...base, 'profile school': `${role}\nmfa_serial = arn:aws:iam::1:mfa/x` },
      'sign-in-failed',
    ],
  ])(
    'is trouble of the whole storage with %s, and no command line is repeated',
    async (_, profiles, code) => {
      await using s3 = await countingServer();
      await using dir = await tempDir();
      await using tools = await openAwsTools(dir.path);
      useTools(tools);
      await tools.writeConfig(profiles);
      using remote = openRemote(s3, byProfile);
      const error = await remote
        .list('', 1, undefined, signal())
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, scope: 'storage' });
      expect(await remote.signIn().catch((thrown: unknown) => thrown)).toMatchObject({ code });
      expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('# secret');
    },
  );
});

const FILE_BYTES = 17 * MIB; // Three parts.

/** Two files are on their way when their keys end: one part of each has arrived. */
async function openStage(
  how: Readonly<{ settings: Partial<StorageSettings>; end: () => unknown }>,
) {
  const stack = new AsyncDisposableStack();
  const sessions = [sessionOf(1), sessionOf(2)];
  const s3 = stack.use(await countingServer({ sessions }));
  const dir = stack.use(await tempDir());
  const paths = [join(dir.path, 'a.mp4'), join(dir.path, 'b.mp4')];
  const bytes = await Promise.all(paths.map((path) => randomFile(path, FILE_BYTES)));
  const first = new Map<string, Promise<string>>();
  let ended: Promise<unknown> | undefined;
  const end = async () => {
    await Promise.all(first.values());
    await how.end();
    sessions[0]!.endsAtMs = 0;
  };
  const wrap = (remote: Remote): Remote => ({
    ...remote,
    async putPart(...args) {
      const [, uploadId] = args;
      if (!first.has(uploadId)) {
        first.set(uploadId, remote.putPart(...args));
        return first.get(uploadId)!;
      }
      await expect.poll(() => first.size).toBe(paths.length);
      await (ended ??= end());
      return remote.putPart(...args);
    },
  });
  const app = stack.use(
    openTestEngine(s3, dir.path, { quietMs: 30, settings: how.settings, wrap }),
  );
  const { engine } = app;
  return {
    s3,
    engine,
    upload: () => engine.uploadNow(paths, toBio, signal()),
    /** How often the whole storage was said to be in trouble. */
    troubles: () =>
      app.heard.filter((event) => event.type === 'storage' && event.state === 'waiting'),
    jobs: () => engine.jobs.list(undefined, -1),
    /** Both are stored, byte for byte, and no part of them was sent twice. */
    async sentOnce() {
      await expect.poll(() => engine.jobs.list('verified', -1).length, { timeout: 30_000 }).toBe(2);
      for (const { path, key } of this.jobs())
        expect((await objectBytes(app.remote, key!)).equals(bytes[paths.indexOf(path)]!)).toBe(
          true,
        );
      expect([s3.count('CreateMultipartUpload'), s3.count('UploadPart')]).toEqual([2, 6]);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('keys that end in the middle of an upload', () => {
  test('are followed by the ones that their program gives by then: nobody is asked, and no part is sent twice', async () => {
    await using dir = await tempDir();
    await using tools = await openAwsTools(dir.path);
    useTools(tools);
    await tools.writeProgramKeys(canarySession(1));
    await tools.writeConfig({ 'profile school': `credential_process = ${tools.program}` });
    const end = () => tools.writeProgramKeys(canarySession(2));
    await using stage = await openStage({ settings: byProfile, end });
    await stage.upload();
    await stage.sentOnce();
    expect(stage.troubles()).toEqual([]);
    // Once at the start; once for all the parts that were refused.
    expect(await tools.asks()).toBe(2);
  });

  test('are followed by the ones that somebody put into the .env file', async () => {
    await using dir = await tempDir();
    const file = join(dir.path, '.env');
    const write = (n: number) => {
      const { accessKeyId, secretAccessKey, sessionToken } = canarySession(n);
      return writeFile(
        file,
        `AWS_S3_BUCKET=any\nAWS_ACCESS_KEY_ID=${accessKeyId}\nAWS_SECRET_ACCESS_KEY=${secretAccessKey}\nAWS_SESSION_TOKEN="${sessionToken}"\n`,
      );
    };
    await write(1);
    const { credentials, keysFrom, rereadKeys } = storageSettings(readEnvironment({}, file, true));
    const settings = { credentials, keysFrom: keysFrom!, rereadKeys: rereadKeys! };
    await using stage = await openStage({ settings, end: () => write(2) });
    await stage.upload();
    await stage.sentOnce();
    expect(stage.troubles()).toEqual([]);
  });

  test('and whom nothing follows stop everything with one word, and go on where they stopped when a person has acted', async () => {
    await using dir = await tempDir();
    await using tools = await openAwsTools(dir.path);
    useTools(tools);
    await tools.writeProfile(canarySession(1));
    await using stage = await openStage({ settings: byProfile, end: () => {} });
    await expect(stage.upload()).rejects.toMatchObject({ code: 'sign-in-expired' });
    const kinds = () => stage.jobs().map(({ state }) => state.kind);
    await expect.poll(kinds).toEqual(['queued', 'queued']);
    expect(stage.troubles()).toMatchObject([{ code: 'sign-in-expired' }]);
    for (const { state } of stage.jobs())
      expect(state).toMatchObject({ attempts: 0, code: 'sign-in-expired', upload: {} });
    // Looked for again while the profile is being set up: the trouble is still the same one.
    await tools.removeProfile();
    stage.engine.queue.tryNow();
    await expect.poll(() => stage.engine.queue.trouble?.failures).toBe(2);
    expect(stage.engine.queue.trouble?.code).toBe('sign-in-expired');
    await tools.writeProfile(canarySession(2));
    stage.engine.queue.tryNow();
    await stage.sentOnce();
    expect(stage.engine.queue.trouble).toBeUndefined();
  });
});
