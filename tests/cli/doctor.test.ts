import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';
import { openAwsTools } from '../support/aws-tools.ts';
import { canarySession } from '../support/canary.ts';
import { openCli, openCliWithStorage } from '../support/cli.ts';
import { countingServer, randomFile } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

type Check = { id: string; ok: boolean; title: string; remedy?: string };
const failures = (report: { checks: Check[] }) =>
  report.checks.filter(({ ok }) => !ok).map(({ id }) => id);

test('doctor says in one document, and in words, that all is well', async () => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3);
  const asJson = await cli.run('doctor', '--json');
  expect(asJson.code).toBe(0);
  const report = asJson.json();
  expect(report.ok).toBe(true);
  expect(report.checks.map(({ id }: Check) => id).slice(0, 6)).toEqual([
    'settings',
    'reach',
    'tls',
    'clock',
    'sign-in',
    'bucket',
  ]);
  // Ours says of a missing object that it is missing before it looks at the permission.
  const { 's3:RestoreObject': restoring, ...others } = report.permissions;
  expect([restoring, ...new Set(Object.values(others))]).toEqual(['unknown', 'allowed']);
  expect(report.abilities.conditionalWrites).toEqual({ value: true });
  expect(report.facts.publicAccessBlock).toEqual({ value: 'on' });
  expect(report.denied).toEqual([]);
  expect(report.policy.Statement[0].Resource).toBe(`arn:aws:s3:::${s3.bucket}`);
  expect(report.missing).toHaveLength(3);
  expect(asJson.stdout + asJson.stderr).not.toContain(s3.secretAccessKey);

  const asText = await cli.run('doctor');
  expect(asText.code).toBe(0);
  expect(asText.stderr).toBe('');
  const lines = asText.stdout.split('\n');
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}✓ Upload +allowed {2}s3:PutObject$/));
  expect(lines).toContain('  · Versioning               off');
  const over = lines.findIndex((line) => line.includes('Never writes over what is there'));
  expect(lines[over + 1]).toContain('Nor when it comes in parts');
  expect(lines.at(-2)).toBe('Ready: recordings can be uploaded, verified and shared.');
  expect((await cli.run('list', '--json')).json().objects).toEqual([]);
});

test('doctor names what an admin would have to allow', async () => {
  await using s3 = await countingServer({ denied: ['DeleteObject', 'AbortMultipartUpload'] });
  await using cli = await openCli(s3);
  const { code, stdout } = await cli.run('doctor');
  expect(code).toBe(1);
  expect(stdout).toContain(
    'An admin would have to allow: s3:DeleteObject, s3:AbortMultipartUpload\nThe whole policy: pansea-sync doctor --fix-policy',
  );
  expect((await cli.run('doctor', '--json')).json().denied).toEqual([
    's3:DeleteObject',
    's3:AbortMultipartUpload',
  ]);
});

test('doctor says of what a storage never learned that it cannot do it, without the storage’s codes', async () => {
  await using s3 = await countingServer({ missing: ['RestoreObject'] });
  await using cli = await openCli(s3);
  const { code, stdout } = await cli.run('doctor');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /\? Make archived recordings readable .*\n +This storage cannot do that\.\n/,
  );
  expect(stdout).not.toContain('NotImplemented');
});

test('doctor names what of the .env file is not used, by its line, and never its value', async () => {
  await using cli = await openCliWithStorage();
  const file = join(cli.folder, '.env');
  await writeFile(file, 'DEBUG=false\nFLASK_ENV=cAnArY-value\naws_s3_bucket=x\n# AWS_REGION=y\n');
  const asJson = await cli.run('doctor', '--json');
  expect(asJson.json().envFile.notUsed).toMatchObject([
    { line: 2, name: 'FLASK_ENV', why: 'is no setting that Pan-Sea Sync knows' },
    { line: 3, name: 'aws_s3_bucket', why: 'has to be written in capitals: AWS_S3_BUCKET' },
  ]);
  const { code, stdout } = await cli.run('doctor');
  expect(code).toBe(0);
  expect(stdout).toContain('  line 2: FLASK_ENV is no setting that Pan-Sea Sync knows');
  expect(stdout + asJson.stdout).not.toContain('cAnArY-value');
});

test('what doctor found out is remembered: no key is looked up where nothing can be written over', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const { folder } = cli;
  const first = async (name: string) => {
    await randomFile(join(folder, name), 1_000);
    s3.requests.length = 0;
    expect((await cli.run('upload', join(folder, name), '--class', 'bio-101')).code).toBe(0);
    return s3.requests[0]?.operation;
  };
  // A first ledger asks for what its class holds already; after that its keys are its own.
  await first('0.mp3');
  expect(await first('1.mp3')).toBe('HeadObject');
  expect((await cli.run('doctor')).code).toBe(0);
  expect(await first('2.mp3')).toBe('PutObject');
});

test('doctor puts another region right, says so, and the next verb starts with it', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3, { AWS_REGION: 'eu-west-1' });
  const told = 'The bucket is in us-east-1, not in eu-west-1 as the settings say.';
  const { code, stdout } = await cli.run('doctor');
  expect([code, stdout.includes(told)]).toEqual([0, true]);
  s3.requests.length = 0;
  expect((await cli.run('list')).stderr).toBe('');
  expect(s3.requests.map(({ status }) => status)).toEqual([200]);
});

test.each([
  ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'not the secret' }, 'sign-in', 3],
  ['a wrong key', { AWS_ACCESS_KEY_ID: 'NOBODY' }, 'sign-in', 3],
  ['a missing bucket', { AWS_S3_BUCKET: 'pansea-nobody-has-this' }, 'bucket', 3],
  ['a port where nobody listens', { AWS_S3_ENDPOINT_URL: 'http://127.0.0.1:9' }, 'reach', 3],
  ['no bucket at all', { AWS_S3_BUCKET: '' }, 'settings', 2],
  ['half a pair of keys', { AWS_SECRET_ACCESS_KEY: '' }, 'settings', 2],
] as const)('doctor names %s and what to do', async (_, env, id, code) => {
  await using s3 = await openServer('embedded');
  await using cli = await openCli(s3, env);
  const asJson = await cli.run('doctor', '--json');
  expect(asJson.code).toBe(code);
  expect(failures(asJson.json())).toEqual([id]);
  const check: Check = asJson.json().checks.at(-1);
  expect(check.remedy).toMatch(/\w/);
  const asText = await cli.run('doctor');
  expect(asText.code).toBe(code);
  expect(asText.stdout).toContain(`✗ ${check.title}`);
  expect(asText.stdout).toContain('Not ready: 1 check failed.');
});

test('doctor says whose keys it used and until when, as the AWS tools have them on this computer', async () => {
  const { sessionToken: token, ...session } = canarySession(1);
  const endsAtMs = Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000;
  await using s3 = await countingServer({ sessions: [{ ...session, token, endsAtMs }] });
  await using dir = await tempDir();
  await using tools = await openAwsTools(dir.path);
  const keys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: 'school' };
  await using cli = await openCli(s3, { ...keys, ...tools.env });
  await tools.writeProgramKeys(canarySession(1), endsAtMs);
  await tools.writeConfig({ 'profile school': `credential_process = ${tools.program}` });
  const endsAt = new Date(endsAtMs).toISOString();
  const who = { profile: 'school', keyEnding: 'NARY', isTemporary: true };
  expect((await cli.run('doctor', '--json')).json()).toMatchObject({
    ok: true,
    signIn: { source: 'process', endsAt, ...who },
  });
  expect((await cli.run('doctor')).stdout).toMatch(
    /Sign-in works +access key ending in NARY, from the AWS profile “school”, from the program that it names; it works until /,
  );
  const role = 'role_arn = arn:aws:iam::123456789012:role/recorder\nsource_profile = base';
  tools.give(canarySession(1), endsAtMs);
  await tools.writeConfig({
    'profile base': 'aws_access_key_id = A\naws_secret_access_key = B',
    'profile school': `${role}\nregion = us-east-1`,
  });
  expect((await cli.run('doctor', '--json')).json()).toMatchObject({
    ok: true,
    signIn: { source: 'role', endsAt, ...who },
  });
  expect(tools.asked).toContain('AssumeRole');

  await tools.writeConfig({
    'profile school': 'sso_session = campus\nsso_account_id = 1\nsso_role_name = r',
    'sso-session campus': 'sso_start_url = https://campus.example\nsso_region = us-east-1',
  });
  await tools.writeSsoLogin('campus', Date.now() - 1);
  const ended = await cli.run('doctor', '--json');
  expect(failures(ended.json())).toEqual(['sign-in']);
  expect(ended.json()).toMatchObject({ signIn: null });
  expect(ended.json().checks.at(-1)).toMatchObject({ title: 'Your sign-in has expired' });
  expect((await cli.run('doctor')).stdout).toContain('aws sso login');
});

test('doctor names a clock that is 27 minutes off', async () => {
  await using dir = await tempDir();
  await using s3 = await startEmbeddedS3({
    dataDir: dir.path,
    nowMs: () => Date.now() + 27 * 60_000,
  });
  await using cli = await openCli({ name: 'embedded', ...s3 });
  const { code, json } = await cli.run('doctor', '--json');
  expect(code).toBe(0);
  expect(failures(json())).toEqual([]);
  expect(json().checks[3]).toMatchObject({
    detail: '27 minutes behind the storage’s',
    remedy: expect.stringContaining('automatic date and time'),
  });
});

test('doctor --fix-policy prints the policy and its difference, and asks the storage nothing', async () => {
  await using cli = await openCli(undefined, {
    AWS_S3_BUCKET: 'school',
    AWS_S3_ENDPOINT_URL: 'http://127.0.0.1:9',
  });
  const asJson = await cli.run('doctor', '--fix-policy', '--json');
  expect(asJson.code).toBe(0);
  const { policy, missing, surplus } = asJson.json();
  expect(policy.Statement[1].Resource[0]).toBe('arn:aws:s3:::school/audio/*');
  expect(missing).toHaveLength(3);
  expect(surplus).toEqual(['s3:GetObjectVersion']);

  const { stdout } = await cli.run('doctor', '--fix-policy');
  const [printed = '', difference = ''] = stdout.split('\n\n');
  expect(JSON.parse(printed)).toEqual(policy);
  expect(difference).toMatch(/^\+ s3:AbortMultipartUpload /m);
  expect(difference).toMatch(/^- s3:GetObjectVersion /m);
});
