import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { apiOf, openTestAppHost } from '../support/app-host.ts';
import { storageEnv } from '../support/cli.ts';
import { testArchive, verified } from '../support/migration.ts';
import { openServer } from '../support/s3-servers.ts';
import { tempDir } from '../support/temp-dir.ts';

const rule = {
  kind: 'audio',
  classId: 'BIO-101',
  userId: 'teacher-7',
  include: [] as string[],
  exclude: [] as string[],
} as const;
const input = (classId = 'BIO-101') => ({ ...rule, classId, include: [], exclude: [] });
const refused = { code: 'set-by-school' };
const page = { offset: 0, limit: 10 };

/** A computer with a policy, and a storage. */
async function openSchool(policy: object | string | undefined, options: { env?: object } = {}) {
  const stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir());
  const s3 = stack.use(await openServer('embedded'));
  const file = join(dir.path, 'policy.json');
  const folder = join(dir.path, 'Recordings');
  await mkdir(folder);
  const write = (text: object | string) =>
    writeFile(file, typeof text === 'string' ? text : JSON.stringify({ format: 1, ...text }));
  if (policy !== undefined) await write(policy);
  const homePath = join(dir.path, 'home');
  const env = { ...storageEnv(s3), ...options.env, PANSEA_POLICY_FILE: file };
  return {
    dir,
    s3,
    file,
    folder,
    env,
    write,
    open: () => openTestAppHost({ env, homePath }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('bucket, region and endpoint of the school stand over the environment and what is typed, and keys stay one’s own', async () => {
  await using other = await openServer('embedded');
  await using place = await openSchool(undefined, { env: { AWS_S3_BUCKET: '' } });
  const { s3 } = place;
  const storage = { bucket: s3.bucket, region: s3.region, endpoint: s3.endpoint };
  await place.write({ storage, help: 'the IT desk' });
  const keys = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const noKeys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_S3_ENDPOINT_URL: '' };
  await using app = await openTestAppHost({ env: { ...place.env, ...noKeys } });
  const api = apiOf(app);
  expect(await api.getConnection({})).toMatchObject({
    ...storage,
    isFixed: false,
    setBySchool: ['bucket', 'region', 'endpoint'],
  });
  for (const wrong of [{ bucket: other.bucket + '-2' }, { endpoint: other.endpoint }])
    await expect(
      api.saveConnection({ ...storage, profile: '', keys, ...wrong }),
    ).rejects.toMatchObject({ ...refused, message: expect.stringContaining('Ask the IT desk') });
  await api.saveConnection({ ...storage, profile: '', keys });
  await api.refreshObjects({});
  expect((await api.getStatus({})).bucket).toBe(s3.bucket);
  // A .env file brings keys, and its other bucket is passed over, which is said.
  const view = await api.readEnvFile({
    text: `AWS_S3_BUCKET=another\nAWS_ACCESS_KEY_ID=${keys.accessKeyId}\nAWS_SECRET_ACCESS_KEY=${keys.secretAccessKey}`,
  });
  expect(view).toMatchObject({
    isUsable: true,
    connection: storage,
    notes: [{ name: 'AWS_S3_BUCKET', why: expect.stringContaining('set by your school') }],
  });
  await api.saveEnvFile({ id: view.id });
  await api.refreshObjects({});

  await using fixed = await openTestAppHost({
    env: { ...place.env, AWS_S3_BUCKET: 'another', AWS_S3_ENDPOINT_URL: other.endpoint },
  });
  expect(await apiOf(fixed).getStatus({})).toMatchObject({ mode: 'ready', bucket: s3.bucket });
  await apiOf(fixed).refreshObjects({});
});

test('folders of the school are followed once they are there, and neither changed nor left; others may not be added', async () => {
  await using place = await openSchool(undefined);
  const { folder, dir } = place;
  const own = join(dir.path, 'Own');
  const later = join(dir.path, 'Later');
  await mkdir(own);
  {
    await using before = await place.open();
    await apiOf(before).saveFolder({ path: own, rule: input() });
    await apiOf(before).saveFolder({ path: folder, rule: input('HIST-204') });
  }
  const rules = [
    { ...rule, path: folder },
    { ...rule, path: later },
  ];
  await place.write({ folders: { rules, others: false } });
  await using app = await place.open();
  const api = apiOf(app);
  const known = await api.listFolders({});
  expect(known).toMatchObject([
    { path: own, isSetBySchool: false },
    { path: folder, isSetBySchool: true, rule: { classId: 'BIO-101' } },
  ]);
  await writeFile(join(folder, 'a.mp3'), 'sound');
  await expect.poll(async () => (await api.getStatus({})).counts['verified']).toBe(1);
  app.host.dropped(join(folder, 'a.mp3'));
  for (const call of [
    api.saveFolder({ path: folder, rule: input('HIST-204') }),
    api.saveFolder({ path: join(dir.path), rule: input() }),
    api.saveFolder({ path: own, rule: input('HIST-204') }),
    api.removeFolder({ id: known[1]!.id }),
    api.uploadFiles({
      paths: [join(folder, 'a.mp3')],
      to: { kind: 'documents', userId: 'teacher-7' },
    }),
  ])
    await expect(call).rejects.toMatchObject(refused);
  const form = new FormData();
  form.set('folder', 'documents/teacher-7');
  form.set('file', new Blob(['sound']), 'a.mp3');
  const sent = await fetch(`${app.url.split('/#')[0]}/api/v1/s3/upload`, {
    method: 'POST',
    headers: { authorization: `Bearer ${app.token}` },
    body: form,
  });
  expect([sent.status, await sent.json()]).toMatchObject([403, { error: refused }]);
  // To say that what is in its place now is meant changes no rule.
  await api.saveFolder({ path: folder, rule: input() });
  await api.removeFolder({ id: known[0]!.id });
  expect(await api.listFolders({})).toMatchObject([{ path: folder }]);
});

test('links last no longer than the school allows, and nothing is deleted where it says so: in the window as by the routes', async () => {
  await using place = await openSchool({
    links: { longestSeconds: 600 },
    cleanUp: { storage: false },
  });
  await using app = await place.open();
  const api = apiOf(app);
  await writeFile(join(place.folder, 'a.mp3'), 'sound');
  await api.saveFolder({ path: place.folder, rule: input() });
  const done = async () => (await api.listJobs({ filter: 'done', ...page })).rows[0]?.key;
  await expect.poll(done).toBeTruthy();
  const key = (await done())!;
  expect((await api.getStatus({})).school).toEqual({
    help: null,
    longestLinkSeconds: 600,
    mayDelete: false,
    mayFree: true,
    mayAddFolders: true,
    isDamaged: false,
    byDamage: [],
  });
  const link = { key, mode: 'watch', note: '' } as const;
  await expect(api.createLink({ ...link, expiresInSeconds: 601 })).rejects.toMatchObject({
    ...refused,
    message: 'A link works for 10 minutes at most',
  });
  expect(await api.createLink({ ...link, expiresInSeconds: 600 })).toMatchObject({
    because: 'asked',
  });
  await expect(api.deleteObject({ key })).rejects.toMatchObject(refused);
  const route = `${app.url.split('/#')[0]}/api/v1/s3/file/${key}`;
  const headers = { authorization: `Bearer ${app.token}` };
  const ask = (path: string, method = 'GET') => fetch(`${route}${path}`, { method, headers });
  expect((await ask('/url?expires_in=601')).status).toBe(403);
  const unsaid = (await (await ask('/url')).json()) as { expiresAt: string };
  expect(Date.parse(unsaid.expiresAt)).toBeLessThanOrEqual(Date.now() + 600_000);
  const deleted = await ask('', 'DELETE');
  expect([deleted.status, await deleted.text()]).toEqual([
    403,
    expect.stringContaining('This is set by your school'),
  ]);
  expect(await api.getObject({ key })).toMatchObject({ key });
});

test('where it keeps the files of this computer, a migration goes up to its last step and removes none', async () => {
  await using place = await openSchool({ cleanUp: { local: false } });
  await using app = await place.open();
  const api = apiOf(app);
  const archive = await testArchive(app, api, { 'a.mp3': 'lecture a' });
  const plan = await verified(api, archive);
  expect((await api.getStatus({})).school).toMatchObject({ mayFree: false });
  const asked = { plan, level: 'full', days: 7 } as const;
  for (const call of [
    api.surveyCleanup(asked),
    api.quarantineFiles({ ...asked, confirmed: 1 }),
    api.purgeFiles({ ...asked, confirmed: 1 }),
  ])
    await expect(call).rejects.toMatchObject(refused);
  expect(await readFile(join(archive.root, 'a.mp3'), 'utf8')).toBe('lecture a');
});

test('a change of the file is followed while the app runs; when it is gone, so is what it said', async () => {
  await using place = await openSchool(undefined);
  await using app = await place.open();
  const api = apiOf(app);
  expect((await api.getStatus({})).school).toBeNull();
  await place.write({ links: { longestSeconds: 600 } });
  const longest = async () => (await api.getStatus({})).school?.longestLinkSeconds;
  await expect.poll(longest, { timeout: 30_000 }).toBe(600);
  await rm(place.file);
  await expect.poll(async () => (await api.getStatus({})).school, { timeout: 30_000 }).toBeNull();
});

test.each([
  ['is no JSON', '{"format":1'],
  ['says something unknown', '{"format":1,"linsk":{"longestSeconds":60}}'],
])(
  'a file that %s: uploads go on under what it said last, nothing can be changed, and each page says so',
  async (_, damage) => {
    await using place = await openSchool({
      folders: { rules: [] },
      links: { longestSeconds: 600 },
      cleanUp: { local: false },
    });
    {
      await using before = await place.open();
      await apiOf(before).saveFolder({ path: place.folder, rule: input() });
    }
    await place.write(damage);
    await writeFile(join(place.folder, 'a.mp3'), 'sound');
    await using app = await place.open();
    const api = apiOf(app);
    await expect.poll(async () => (await api.getStatus({})).counts['verified']).toBe(1);
    const status = await api.getStatus({});
    expect(status).toMatchObject({
      mode: 'ready',
      school: {
        longestLinkSeconds: 600,
        mayDelete: false,
        mayFree: false,
        mayAddFolders: false,
        isDamaged: true,
        byDamage: ['folders', 'files', 'delete', 'changes'],
      },
      warning: expect.stringMatching(/school’s settings for this computer cannot be read.*policy/),
    });
    const [known] = await api.listFolders({});
    const key = (await api.listJobs({ filter: 'done', ...page })).rows[0]!.key!;
    for (const call of [
      api.saveFolder({ path: place.folder, rule: input('HIST-204') }),
      api.removeFolder({ id: known!.id }),
      // What nobody has set is not said to be.
      api.deleteObject({ key }),
    ])
      await expect(call).rejects.toMatchObject({
        code: 'policy-unreadable',
        message: expect.stringContaining(place.file),
      });
  },
);

test('a file that was damaged from the start holds uploads back, and they go on once it is repaired', async () => {
  await using place = await openSchool('not a policy');
  await using app = await place.open();
  const api = apiOf(app);
  expect(await api.getStatus({})).toMatchObject({
    mode: 'broken',
    safeToLeave: false,
    trouble: { code: 'policy-unreadable', detail: expect.stringContaining(place.file) },
  });
  await place.write({ folders: { rules: [{ ...rule, path: place.folder }] } });
  await writeFile(join(place.folder, 'a.mp3'), 'sound');
  await expect
    .poll(async () => (await api.getStatus({})).counts['verified'], { timeout: 40_000 })
    .toBe(1);
});
