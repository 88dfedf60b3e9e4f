/** @file What would be shipped, packaged around the tests' Electron: what is in it, and that it runs. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { _electron } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ELECTRON_VERSION, runtimeMissing } from '../../scripts/electron/runtime.mjs';
import { storageEnv } from '../support/cli.ts';
import { openRemote } from '../support/engine.ts';
import { openServer, type S3Access } from '../support/s3-servers.ts';
import { end, follow, needElectron, openPlace, root, runtime } from './app.ts';

const run = promisify(execFile);
const tool = (file: string) => join(root, 'node_modules', ...file.split('/'));
const NAME = 'pansea-sync-app';

let dir = '';
let app = '';

// Once for all of them: it takes ten seconds, and none of them changes it.
beforeAll(async () => {
  if (runtimeMissing(root) !== undefined) return;
  dir = await realpath(await mkdtemp(join(tmpdir(), 'pansea-package-')));
  await run(
    process.execPath,
    [
      tool('electron-builder/cli.js'),
      '--linux',
      'dir',
      '--publish',
      'never',
      `-c.electronDist=${runtime.dist}`,
      `-c.electronVersion=${ELECTRON_VERSION}`,
      `-c.directories.output=${dir}`,
    ],
    { cwd: root, maxBuffer: 2 ** 26 },
  );
  app = join(dir, 'linux-unpacked');
}, 180_000);

afterAll(() => rm(dir || '/nowhere', { recursive: true, force: true }));

beforeEach(needElectron);

test('it holds the app and two native modules, and neither sources, maps nor other packages', async () => {
  const { stdout } = await run(process.execPath, [
    tool('@electron/asar/bin/asar.js'),
    'list',
    join(app, 'resources', 'app.asar'),
  ]);
  const files = stdout.trim().split('\n');
  const rest = files.filter(
    (file) =>
      !/^\/out\/(main(\/(index|cli)\.js|\/chunks(\/[\w.-]+\.js)?)?|preload(\/preload\.cjs)?|renderer(\/index\.html|\/assets(\/[\w.-]+\.(js|css))?)?)$/.test(
        file,
      ) &&
      !/^\/node_modules\/(better-sqlite3\/(lib|LICENSE|package\.json)|@node-rs\/crc32(\/(index\.js|LICENSE|package\.json))?$)/.test(
        file,
      ),
  );
  expect(rest.toSorted()).toEqual([
    '/node_modules',
    '/node_modules/@node-rs',
    '/node_modules/@node-rs/crc32-linux-x64-gnu',
    '/node_modules/@node-rs/crc32-linux-x64-gnu/crc32.linux-x64-gnu.node',
    '/node_modules/@node-rs/crc32-linux-x64-gnu/package.json',
    '/node_modules/better-sqlite3',
    '/node_modules/better-sqlite3/prebuilds',
    '/node_modules/better-sqlite3/prebuilds/linux-x64.node',
    '/out',
    '/package.json',
    '/resources',
    '/resources/icons',
    '/resources/icons/256x256.png',
    '/resources/tray',
    ...['attention', 'safe', 'unknown', 'waiting', 'working'].flatMap((standing) =>
      ['', '@2x', 'Template', 'Template@2x'].map((of) => `/resources/tray/${standing}${of}.png`),
    ),
  ]);
  for (const needed of ['main/index.js', 'preload/preload.cjs', 'renderer/index.html'])
    expect(files).toContain(`/out/${needed}`);
  const { size } = await stat(join(app, 'resources', 'app.asar'));
  console.log(`app.asar: ${(size / 1e6).toFixed(1)} MB, ${files.length} entries`);
  expect(size).toBeLessThan(6_000_000);
});

test('it holds no secret, no path of the machine that built it, and no way into it for tests', async () => {
  const text = await readFile(join(app, 'resources', 'app.asar'), 'latin1');
  expect(text).not.toMatch(/\b(AKIA|ASIA)[A-Z0-9]{16}\b/);
  expect(text).not.toMatch(/-----BEGIN [A-Z ]*PRIVATE KEY/);
  expect(text).not.toContain('_authToken');
  expect(text).not.toContain(root);
  expect(text).not.toContain('sourceMappingURL');
});

test('its fuses are blown: no Node from outside, no inspector, only its own archive', async () => {
  const { stdout } = await run(process.execPath, [
    tool('@electron/fuses/dist/bin.js'),
    'read',
    '--app',
    join(app, NAME),
  ]);
  const fuses = Object.fromEntries(
    [...stdout.matchAll(/(\w+) is (Enabled|Disabled)/g)].map(([, name, state]) => [name, state]),
  );
  expect(fuses).toMatchObject({
    RunAsNode: 'Disabled',
    EnableCookieEncryption: 'Enabled',
    EnableNodeOptionsEnvironmentVariable: 'Disabled',
    EnableNodeCliInspectArguments: 'Disabled',
    EnableEmbeddedAsarIntegrityValidation: 'Enabled',
    OnlyLoadAppFromAsar: 'Enabled',
    GrantFileProtocolExtraPrivileges: 'Disabled',
  });
});

test('as it would be shipped it starts, uploads what is in a watched folder, lets nobody look inside, and ends in order', async () => {
  await fitNativeModule();
  await using s3 = await openServer('embedded');
  await using place = await openPlace();
  const env = { ...place.env, ...storageEnv(s3), PANSEA_SQLITE_BINDING: '/nowhere.node' };
  const cli = (...args: string[]) =>
    run(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...args], {
      cwd: place.path,
      env: { ...env, PANSEA_SQLITE_BINDING: undefined },
    });
  await cli('folders', 'add', place.folder, '--class', 'bio-101', '--user', 'teacher-7');
  await writeFile(join(place.folder, 'lecture.mp3'), Buffer.alloc(10_000_000, 'lecture '));

  // A person wanted the version before to start with the computer.
  const entry = join(place.path, '.config', 'autostart', 'pansea-sync.desktop');
  await mkdir(dirname(entry), { recursive: true });
  await writeFile(entry, '[Desktop Entry]\nExec="/downloads/Pan-Sea Sync 1.AppImage" --hidden\n');

  const child = spawn(join(app, NAME), ['--no-sandbox', '--disable-gpu'], {
    cwd: place.path,
    env: {
      ...env,
      NODE_OPTIONS: '--inspect=0',
      ELECTRON_RUN_AS_NODE: '1',
      APPIMAGE: '/downloads/Pan-Sea Sync 2.AppImage',
      APPDIR: app,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = listen(child);
  try {
    await expect
      .poll(async () => (await cli('jobs', '--json')).stdout, { timeout: 45_000 })
      .toContain('"verified"');
    expect(await objects(s3)).toHaveLength(1);
    expect(await readFile(entry, 'utf8')).toContain(
      '"/downloads/Pan-Sea Sync 2.AppImage" --hidden',
    );
    // Without this one it would read large files all the same, and slower.
    const mapped = await readFile(`/proc/${child.pid}/maps`, 'utf8');
    expect(mapped).toContain('crc32.linux-x64-gnu.node');
  } finally {
    await end(child);
  }
  expect(child.exitCode).toBe(0);
  expect(said()).not.toMatch(/listening on/i);
  expect(
    JSON.parse(await readFile(join(place.home, 'window', 'window.json'), 'utf8')),
  ).toMatchObject({ width: 1_080, height: 720 });
});

test.each([
  '--remote-debugging-port=0',
  '--remote-debugging-pipe',
  '--inspect=0',
  '--inspect-brk=0',
  '--proxy-server=http://127.0.0.1:9',
  '--disable-web-security',
  '--js-flags=--expose-gc',
])(
  'started with %s it names that and does nothing: no window, no port, no library',
  async (way) => {
    await fitNativeModule();
    await using place = await openPlace();
    const child = spawn(join(app, NAME), ['--no-sandbox', '--disable-gpu', '--demo', way], {
      cwd: place.path,
      env: place.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = listen(child);
    const [name] = way.split('=');
    try {
      await expect
        .poll(said, { timeout: 30_000 })
        .toContain('Pan-Sea Sync was started with an option that it does not take');
      expect(said()).toMatch(new RegExp(`^${name}$`, 'm'));
      expect(said()).not.toMatch(/listening on/i);
      expect(await readdir(place.path)).not.toContain('library');
    } finally {
      await end(child, 'SIGKILL');
    }
  },
);

test('its window shows the page out of the archive', async () => {
  await fitNativeModule();
  // Under Electron's own name it counts as not packaged, and with its inspector's fuse set back Playwright can drive it.
  const copy = join(dir, 'driven');
  await cp(app, copy, { recursive: true });
  await rename(join(copy, NAME), join(copy, 'electron'));
  await allowInspector(join(copy, 'electron'));
  await using place = await openPlace();
  const { PANSEA_SQLITE_BINDING: _, ...env } = place.env;
  await using driven = await follow(
    await _electron.launch({
      executablePath: join(copy, 'electron'),
      args: ['--no-sandbox', '--disable-gpu', '--demo'],
      env,
      cwd: place.path,
      timeout: 30_000,
    }),
  );
  await driven.page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
  await driven.verified(5);
  await driven.page.getByText('Lab safety (short).wav').first().waitFor();
  expect(await driven.electron.evaluate(({ app: electronApp }) => electronApp.getAppPath())).toBe(
    join(copy, 'resources', 'app.asar'),
  );
  expect(driven.complaints).toEqual([]);
});

/** The tests' Electron cannot load the module that is shipped: it gets the one that was compiled for it. */
async function fitNativeModule(): Promise<void> {
  const inside = 'resources/app.asar.unpacked/node_modules/better-sqlite3/prebuilds/linux-x64.node';
  await cp(runtime.sqlite, join(app, inside));
}

async function allowInspector(executable: string): Promise<void> {
  await using file = await open(executable, 'r+');
  const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
  const fuses = (await file.readFile()).indexOf(sentinel) + sentinel.length + 2;
  await file.write(Buffer.from('1'), 0, 1, fuses + 3);
}

function listen(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

async function objects(s3: S3Access): Promise<readonly unknown[]> {
  using remote = openRemote(s3);
  return (await remote.list('', 10, undefined, AbortSignal.timeout(50_000))).objects;
}
