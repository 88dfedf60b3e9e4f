/** @file Other people's clients, each at the settings that were found best for it. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { keys, type Contestant } from './measure.ts';
import type { Sink } from './sink.ts';

export type Peers = Readonly<{
  big: (file: string) => Contestant[];
  recordings: (folder: string) => Contestant[];
  small: (folder: string) => Contestant[];
  list: (bucket: string) => Contestant[];
}>;

const BUCKET = 'sink';

function isHere(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return (isAbsolute(program) ? [''] : folders).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Not another one that came first in somebody's PATH. */
const AWS = '/usr/bin/aws';

/** How each tells its version. Debian's names: `mc` is another program there. */
const programs = {
  curl: ['curl', '--version'],
  rclone: ['rclone', 'version'],
  'minio-client': ['minio-client', '--version'],
  aws: [AWS, '--version'],
  s3cmd: ['s3cmd', '--version'],
  openssl: ['openssl', 'version'],
} as const;

/** The first two words of what each says, and which are not on this machine. */
export function versions(): string {
  const all = Object.entries(programs).map(([name, [program, argument]]) =>
    isHere(program)
      ? execFileSync(program, [argument], { encoding: 'utf8' })
          .split(/\s+/)
          .slice(0, 3)
          .filter((word) => word !== 'version')
          .slice(0, 2)
          .join(' ')
      : `no ${name} on this machine`,
  );
  return `Others: ${all.join(', ')}.`;
}

export function peers(sink: Sink, dir: string): Peers {
  const { endpoint, port, certificate } = sink;
  const config = join(dir, 'peers');
  mkdirSync(config, { recursive: true });
  const made = (name: string, content: string): string => {
    writeFileSync(join(config, name), content);
    return join(config, name);
  };

  const rclone = (name: string, ...rest: string[]): Contestant => ({
    name: `rclone ${name}`,
    command: ['rclone', '--no-check-certificate', '-q', ...rest],
    env: {
      RCLONE_CONFIG: made('rclone.conf', ''),
      RCLONE_CONFIG_S_TYPE: 's3',
      RCLONE_CONFIG_S_PROVIDER: 'Other',
      RCLONE_CONFIG_S_ENDPOINT: endpoint,
      RCLONE_CONFIG_S_ACCESS_KEY_ID: keys.AWS_ACCESS_KEY_ID,
      RCLONE_CONFIG_S_SECRET_ACCESS_KEY: keys.AWS_SECRET_ACCESS_KEY,
      RCLONE_CONFIG_S_REGION: 'us-east-1',
      RCLONE_CONFIG_S_LIST_VERSION: '2',
    },
  });
  const mc = (name: string, ...rest: string[]): Contestant => ({
    name: `mc ${name}`,
    command: ['minio-client', '-q', ...(certificate === undefined ? [] : ['--insecure']), ...rest],
    env: {
      MC_HOST_s: endpoint.replace(
        '://',
        `://${keys.AWS_ACCESS_KEY_ID}:${keys.AWS_SECRET_ACCESS_KEY}@`,
      ),
      MC_CONFIG_DIR: join(config, 'mc'),
    },
  });
  const aws = (name: string, settings: readonly string[], ...rest: string[]): Contestant => ({
    name: `aws ${name}`,
    command: [AWS, '--endpoint-url', endpoint, 's3', ...rest],
    env: {
      AWS_CONFIG_FILE: made(
        `aws ${name}`,
        [
          '[default]',
          'region = us-east-1',
          's3 =',
          '  addressing_style = path',
          ...settings.map((line) => `  ${line}`),
          '',
        ].join('\n'),
      ),
      ...(certificate !== undefined && { AWS_CA_BUNDLE: certificate }),
    },
  });
  const crt = ['preferred_transfer_client = crt', 'target_bandwidth = 100Gb/s'];
  const s3cmd = (...rest: string[]): Contestant => ({
    name: 's3cmd',
    command: ['s3cmd', '-q', '-c', made('s3cfg', s3cfg(port, certificate !== undefined)), ...rest],
    mostRounds: 1,
  });
  const lean = ['--s3-no-head', '--s3-no-check-bucket'];

  const mcBig = (file: string): Contestant =>
    mc('cp, CRC64NVME', 'cp', '--checksum', 'CRC64NVME', file, `s/${BUCKET}/big`);

  return {
    big: (file) =>
      there([
        {
          name: 'curl, one bare PUT',
          command: ['curl', '-skT', file, `${endpoint}/${BUCKET}/curl`],
          isFloor: true,
        },
        mcBig(file),
        ...hashedFirst(mcBig(file), file),
        aws('crt', crt, 'cp', '--quiet', file, `s3://${BUCKET}/big`),
        once(
          rclone(
            '64M × 4, no MD5',
            'copyto',
            file,
            `S:${BUCKET}/big`,
            ...lean,
            '--no-traverse',
            ...'--s3-chunk-size 64M --s3-upload-concurrency 4 --s3-disable-checksum'.split(' '),
          ),
        ),
      ]),
    recordings: (folder) =>
      there([
        mc('mirror, CRC64NVME', 'mirror', '--checksum', 'CRC64NVME', folder, `s/${BUCKET}/many`),
        once(aws('crt', crt, 'cp', '--quiet', '--recursive', folder, `s3://${BUCKET}/many/`)),
        once(
          rclone('4 at a time', 'copy', folder, `S:${BUCKET}/many`, '--transfers', '4', ...lean),
        ),
      ]),
    small: (folder) =>
      there([
        rclone(
          '64 at a time, no HEAD',
          'copy',
          folder,
          `S:${BUCKET}/small`,
          ...'--transfers 64 --checkers 16 --fast-list'.split(' '),
          ...lean,
        ),
        once(
          mc(
            'cp -r, CRC64NVME',
            'cp',
            '-r',
            '--checksum',
            'CRC64NVME',
            `${folder}/`,
            `s/${BUCKET}/small`,
          ),
        ),
        once(aws('crt', crt, 'cp', '--quiet', '--recursive', folder, `s3://${BUCKET}/small/`)),
      ]),
    list: (bucket) =>
      there([
        rclone('lsf -R --fast-list', 'lsf', '-R', '--fast-list', `S:${bucket}`),
        mc('ls -r', 'ls', '-r', `s/${bucket}/`),
        once(aws('s3 ls', [], 'ls', '--recursive', `s3://${bucket}/`)),
        s3cmd('ls', '-r', `s3://${bucket}/`),
      ]),
  };
}

function s3cfg(port: number, hasTls: boolean): string {
  const host = `127.0.0.1:${port}`;
  return [
    '[default]',
    `access_key = ${keys.AWS_ACCESS_KEY_ID}`,
    `secret_key = ${keys.AWS_SECRET_ACCESS_KEY}`,
    `host_base = ${host}`,
    `host_bucket = ${host}`,
    `use_https = ${hasTls ? 'True' : 'False'}`,
    'check_ssl_certificate = False',
    'bucket_location = us-east-1',
    '',
  ].join('\n');
}

/** The object's metadata names the hash of the whole file, so that comes first. */
function hashedFirst(client: Contestant, file: string): Contestant[] {
  if (there([client]).length === 0 || !isHere('openssl')) return [];
  const script = 'openssl dgst -sha256 "$0" && exec "$@"';
  return [
    {
      ...client,
      name: `openssl dgst -sha256, then ${client.name}`,
      command: ['sh', '-c', script, file, ...client.command],
      isMadeUp: true,
    },
  ];
}

const once = (contestant: Contestant): Contestant => ({ ...contestant, mostRounds: 1 });
const there = (contestants: Contestant[]): Contestant[] =>
  contestants.filter(({ command: [program] }) => isHere(program));
