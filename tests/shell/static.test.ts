/** @file Rules that only the text of the sources can show. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const sources = ['electron', 'renderer', 'shared'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx)$/.test(name))
    .map((name) => {
      const file = join(folder, name).replaceAll('\\', '/');
      return { file, text: readFileSync(join(root, file), 'utf8') };
    }),
);
const using = (pattern: RegExp) =>
  sources.flatMap(({ file, text }) => text.match(new RegExp(pattern, 'g'))?.map(() => file) ?? []);

test('there is one place that opens windows, and what it lets the page do is written there, word by word', () => {
  expect(using(/new (BrowserWindow|BaseWindow|WebContentsView|BrowserView)\b/)).toEqual([
    'electron/shell/window.ts',
  ]);
  const { text } = sources.find(({ file }) => file === 'electron/shell/window.ts')!;
  const [, preferences = ''] = /webPreferences: \{([^}]*)\}/.exec(text) ?? [];
  expect(preferences).not.toContain('...');
  const lines = preferences.split(',').map((line) => line.trim());
  expect(lines.filter((line) => line !== '').toSorted()).toEqual([
    'allowRunningInsecureContent: false',
    'contextIsolation: true',
    'navigateOnDragDrop: false',
    'nodeIntegration: false',
    'nodeIntegrationInSubFrames: false',
    'nodeIntegrationInWorker: false',
    'preload',
    'safeDialogs: true',
    'sandbox: true',
    'spellcheck: false',
    'webSecurity: true',
    'webviewTag: false',
  ]);
});

test('the page reaches the engine through the preload alone, by one channel each way', () => {
  expect(new Set(using(/\bipcRenderer\b/))).toEqual(new Set(['electron/preload.ts']));
  expect(new Set(using(/\bipcMain\b/))).toEqual(
    new Set(['electron/shell/ipc.ts', 'electron/shell/start.ts']),
  );
  const { text } = sources.find(({ file }) => file === 'electron/preload.ts')!;
  const channels = [...text.matchAll(/ipcRenderer\.\w+\('([^']+)'/g)].map(([, name]) => name);
  expect(new Set(channels)).toEqual(new Set(['api', 'event']));
  expect(text).not.toMatch(/exposeInMainWorld\([^,]+,\s*ipcRenderer/);
});

test('one place opens addresses outside, and nothing opens files', () => {
  expect(using(/\.openExternal\(/)).toEqual(['electron/shell/external.ts']);
  // Only the folder of the log files.
  expect(using(/\.openPath\(/)).toEqual(['electron/shell/start.ts']);
});

test('Electron stays in the shell', () => {
  const importers = using(/from 'electron'/).filter(
    (file) => !file.startsWith('electron/shell/') && !/^electron\/(main|preload)\.ts$/.test(file),
  );
  expect(importers).toEqual([]);
});

test('nothing weakens the page', () => {
  expect(
    using(/enableBlinkFeatures|experimentalFeatures|dangerouslySetInnerHTML|disable-web-security/),
  ).toEqual([]);
  expect(using(/ignore-certificate-errors|setCertificateVerifyProc|certificate-error/)).toEqual([]);
});

test('whoever opens SQLite passes on which native module: another one crashes the Electron of the tests', () => {
  const calls = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/new DatabaseConstructor\([\s\S]*?\);/g)].map(([call]) => ({ file, call })),
  );
  expect(calls.length).toBeGreaterThan(2);
  expect(calls.filter(({ call }) => !call.includes('nativeBinding'))).toEqual([]);
});

/**
 * The oldest Electron that may be shipped: the newest patch of a supported line when it was last looked
 * at. Raised with each release, also when only the runtime has been repaired.
 */
const OLDEST_ELECTRON = '45.4.1';

test('the Electron that is shipped is not older than the last one known to be repaired', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const { version } = lock.packages['node_modules/electron']!;
  const order = version.localeCompare(OLDEST_ELECTRON, 'en', { numeric: true });
  expect(order, `${version} is older than ${OLDEST_ELECTRON}`).toBeGreaterThanOrEqual(0);
});
