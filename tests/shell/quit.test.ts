import { describe, expect, test } from 'vitest';
import { createQuit, decideClose } from '../../electron/shell/quit.ts';

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
});
