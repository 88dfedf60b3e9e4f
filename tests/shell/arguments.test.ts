import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foreignSwitches, readArguments } from '../../electron/shell/arguments.ts';

test('of the command line the app knows two words; the rest is ignored', () => {
  const none = { isHidden: false, wantsDemo: false };
  expect(readArguments(['electron', '--hidden', 'x'])).toEqual({ ...none, isHidden: true });
  expect(readArguments(['electron', '--demo'])).toEqual({ ...none, wantsDemo: true });
  fc.assert(
    fc.property(fc.array(fc.string()), (argv) => {
      fc.pre(!argv.includes('--hidden') && !argv.includes('--demo'));
      expect(readArguments(argv)).toEqual(none);
    }),
  );
});

describe('of Chromium’s and Node’s options an installed app takes', () => {
  const app = '/opt/Pan-Sea Sync/pansea-sync-app';

  test.each([
    ['linux', ['--hidden', '--demo', '--user-data-dir=/x', '--ozone-platform=wayland']],
    ['linux', ['--no-sandbox', '--disable-gpu', '--lang=vi', '--force-device-scale-factor=2']],
    ['win32', ['--updated', 'C:\\x.mp3', '--HIDDEN']],
    ['darwin', ['-psn_0_12345']],
    ['linux', ['/home/amira/lecture.mp3', 'lecture.mp3', '', '-', '--', '--proxy-server=x']],
  ] as const)('on %s these: %j', (platform, args) => {
    expect(foreignSwitches([app, ...args], platform)).toEqual([]);
  });

  test.each([
    ['linux', '--remote-debugging-port=0', 'remote-debugging-port'],
    ['linux', '-remote-debugging-pipe', 'remote-debugging-pipe'],
    ['linux', '--inspect-brk', 'inspect-brk'],
    ['linux', '--proxy-server=evil.test:1', 'proxy-server'],
    ['linux', '--host-resolver-rules=MAP * 127.0.0.1', 'host-resolver-rules'],
    ['linux', '--ignore-certificate-errors', 'ignore-certificate-errors'],
    ['linux', '--disable-web-security', 'disable-web-security'],
    ['linux', '--password-store=basic', 'password-store'],
    ['linux', '--js-flags=--expose-gc', 'js-flags'],
    ['linux', '--DEMO', 'DEMO'],
    ['linux', '--hidden-not', 'hidden-not'],
    ['win32', '--no-sandbox', 'no-sandbox'],
    ['win32', '/proxy-server=evil.test', 'proxy-server'],
    ['darwin', '--no-sandbox', 'no-sandbox'],
  ] as const)('on %s never %s', (platform, argument, name) => {
    expect(foreignSwitches([app, '--hidden', argument, 'x'], platform)).toEqual([name]);
  });

  test('none that is not on its list, whatever it is called', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z][a-z-]{12,30}$/), fc.string(), (name, value) => {
        expect(foreignSwitches([app, `--${name}=${value}`], 'linux')).toEqual([name]);
      }),
    );
  });
});
