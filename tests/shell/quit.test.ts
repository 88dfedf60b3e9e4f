import type { Dialog, MessageBoxOptions } from 'electron';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '#shared/time.ts';
import { startDemo } from '../../electron/demo/demo.ts';
import { createDialogs } from '../../electron/shell/dialogs.ts';
import { createQuit, decideClose } from '../../electron/shell/quit.ts';
import { apiOf, openTestAppHost } from '../support/app-host.ts';

test.each([
  ['linux', true, 'hide'],
  ['linux', false, 'quit'],
  ['win32', true, 'hide'],
  ['win32', false, 'quit'],
  ['darwin', true, 'hide'],
  ['darwin', false, 'hide'],
] as const)('closing the window on %s, with a tray: %s, means %s', (platform, hasTray, outcome) => {
  expect(decideClose({ platform, hasTray })).toBe(outcome);
});

/** An app with files on their way, and a person who answers when told to. */
function openApp(moving: number, waiting = 0) {
  const did: string[] = [];
  let answer = Promise.withResolvers<boolean>();
  let stopped = Promise.resolve();
  const quit = createQuit({
    undone: () => ({ moving, waiting }),
    ask: (files) => {
      did.push(`asked about ${files.moving + files.waiting}`);
      answer = Promise.withResolvers();
      return answer.promise;
    },
    stop: () => {
      did.push('stopped');
      return stopped;
    },
    exit: () => did.push('ended'),
  });
  return {
    did,
    quit,
    answer: (mayQuit: boolean) => answer.resolve(mayQuit),
    breakDialog: () => answer.reject(new Error('no dialog')),
    breakStop: () => {
      stopped = Promise.reject(new Error('stuck'));
    },
  };
}

describe('quitting', () => {
  test('idle: stops and ends without a question', async () => {
    const { quit, did } = openApp(0);
    await quit.request(false);
    expect(did).toEqual(['stopped', 'ended']);
  });

  test('nothing is sent now, but recordings wait, such as for the network: that is asked about, too', async () => {
    const { quit, did, answer } = openApp(0, 3);
    const asked = quit.request(false);
    answer(false);
    await asked;
    expect(did).toEqual(['asked about 3']);
  });

  test('busy: asks once however often it is asked for, and goes on when the person would rather wait', async () => {
    const { quit, did, answer } = openApp(2);
    const first = quit.request(false);
    await quit.request(false);
    expect(did).toEqual(['asked about 2']);
    answer(false);
    await first;
    expect(did).toEqual(['asked about 2']);

    const second = quit.request(false);
    answer(true);
    await second;
    expect(did).toEqual(['asked about 2', 'asked about 2', 'stopped', 'ended']);
  });

  test('at the end of the session nobody is asked, not even while a question is open', async () => {
    const { quit, did, answer } = openApp(1);
    const asked = quit.request(false);
    await quit.request(true);
    answer(true);
    await asked;
    await quit.request(true);
    expect(did).toEqual(['asked about 1', 'stopped', 'ended']);
  });

  test('a question that cannot be shown keeps the app open; an engine that does not stop does not', async () => {
    const { quit, did, breakDialog, breakStop } = openApp(1);
    const asked = quit.request(false);
    breakDialog();
    await asked;
    expect(did).toEqual(['asked about 1']);
    breakStop();
    await expect(quit.request(true)).rejects.toThrow('stuck');
    expect(did).toEqual(['asked about 1', 'stopped', 'ended']);
  });

  test('while uploads stand it says until when they do, and does not promise that they go on', async () => {
    const told: string[] = [];
    const showMessageBox = async ({ detail = '' }: MessageBoxOptions) => {
      told.push(detail);
      return { response: 1 };
    };
    const { confirmQuit } = createDialogs({ showMessageBox } as unknown as Dialog, () => undefined);
    const waits = { moving: 0, waiting: 1 };
    await confirmQuit({ ...waits, stands: { by: 'person', untilMs: null } });
    const week = { by: 'week', untilMs: Date.now() + DAY_MS } as const;
    await confirmQuit({ ...waits, stands: week });
    await confirmQuit({ ...waits, stands: week, isOverruled: true });
    expect(told).toEqual([
      expect.stringMatching(
        / again\. Uploads are paused, and stay so until you choose Resume all\.$/,
      ),
      expect.stringMatching(
        / again\. Uploads are off until .*, by your timetable, whether it is open or not\.$/,
      ),
      expect.stringMatching(
        / again\. Uploads are then off until .*, by your timetable: choose Send anyway again, or wait\.$/,
      ),
    ]);
  });

  test('a demo ends without a question, whatever waits in it: it is gone with the app', async () => {
    await using app = await openTestAppHost({ env: {}, startDemo });
    const api = apiOf(app);
    await api.setPaused({ isPaused: true });
    const [folder] = await api.listFolders({});
    await writeFile(join(folder!.path, 'one more.mp3'), 'sound');
    const waiting = () => api.listJobs({ filter: 'waiting', offset: 0, limit: 1 });
    await expect.poll(async () => (await waiting()).total, { timeout: 30_000 }).toBeGreaterThan(0);
    const did: string[] = [];
    const quit = createQuit({
      undone: app.host.undone,
      ask: async () => did.push('asked') === 0,
      stop: async () => void did.push('stopped'),
      exit: () => did.push('ended'),
    });
    await quit.request(false);
    expect(did).toEqual(['stopped', 'ended']);
  });
});
