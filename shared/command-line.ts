/**
 * @file What a window shows or is about to do, as lines for a POSIX shell: for whoever is asked about it on the
 * phone. A line stands here only where its verb does the same as the window. No key, token or link is in one.
 */
import type { ConnectionView } from './api/connection.ts';
import type { AuditLevel } from './audit.ts';
import { assertNever } from './assert.ts';
import { meantBucket, withScheme } from './bucket-address.ts';
import { printable } from './format.ts';
import type { ProofLevel } from './migration/migration.ts';

/**
 * The places of the window that have lines. `plan` is the path of its file. Sending an archive is none of them:
 * `migrate run` sends also while uploads are paused, and not beside a window. Nor is what takes something away.
 */
export type Shown =
  | Readonly<{ kind: 'object'; key: string; isReadable: boolean }>
  | Readonly<{
      kind: 'link';
      key: string;
      expiresInSeconds: number;
      mode: 'watch' | 'download';
      note: string;
    }>
  /** For the purpose and with the note of the link that it renews. */
  | Readonly<{ kind: 'renewal'; id: number; expiresInSeconds: number }>
  | Readonly<{ kind: 'connection' }>
  | Readonly<{ kind: 'audit'; level: AuditLevel }>
  | Readonly<{ kind: 'backup'; plan: string; at: string; sample: number }>
  | Readonly<{ kind: 'said-backup'; plan: string; by: string }>
  | Readonly<{ kind: 'verify'; plan: string; level: ProofLevel; share: number }>;

type Connection = Pick<
  ConnectionView,
  | 'bucket'
  | 'region'
  | 'endpoint'
  | 'profile'
  | 'encryption'
  | 'kmsKeyId'
  | 'useSsl'
  | 'caFile'
  | 'home'
>;

/** `undefined`: with what would look like something else than it is, or be taken for it. */
type Line = Readonly<{ does: string; line: string }> | undefined;

type Tools = Readonly<{
  ours: (does: string, ...words: string[]) => Line;
  s3api: (does: string, verb: string, ...words: string[]) => Line;
}>;

/** None while no bucket is set. */
export function commandLines(shown: Shown, connection: Connection): NonNullable<Line>[] {
  const meant = meantBucket(connection.bucket);
  if ('wrong' in meant) return [];
  return linesFor(shown, toolsOf({ ...connection, ...meant })).filter((line) => line !== undefined);
}

function linesFor(shown: Shown, { ours, s3api }: Tools): Line[] {
  switch (shown.kind) {
    case 'object': {
      const { key, isReadable } = shown;
      if (isTakenForMore.test(key)) return [];
      const file = key.slice(key.lastIndexOf('/') + 1);
      const asked = ['--key', key, '--checksum-mode', 'ENABLED'];
      const look = [
        ours('What the storage keeps about it', 'metadata', key),
        s3api('The same with the AWS command line', 'head-object', ...asked),
      ];
      if (!isReadable) return look;
      const fetched = s3api(
        'With the AWS command line, into a file named like the end of its key',
        'get-object',
        ...asked,
        file,
      );
      return [
        ...look,
        ours('Download it into the folder of the shell, and compare it', 'download', key),
        file === '' || isTakenForMore.test(file) ? undefined : unlessThere(file, fetched),
      ];
    }
    case 'link': {
      const { key, expiresInSeconds, mode, note } = shown;
      if (isTakenForMore.test(key)) return [];
      const choices = ['--expires-in', String(expiresInSeconds), '--mode', mode];
      return [
        ours('Make this link', 'url', key, ...choices, ...(note === '' ? [] : [`--note=${note}`])),
      ];
    }
    case 'renewal': {
      const { id, expiresInSeconds } = shown;
      return [ours('Renew it', 'renew', String(id), '--expires-in', String(expiresInSeconds))];
    }
    case 'connection':
      return [
        ours('Test the connection', 'doctor'),
        s3api('With the AWS command line, only whether the bucket answers', 'head-bucket'),
      ];
    case 'audit':
      return [ours('Do this audit', 'audit', '--level', shown.level)];
    case 'backup': {
      const asked = [`--at=${shown.at}`, '--sample', String(shown.sample)];
      return [ours('Compare with it', 'migrate', 'backup', shown.plan, ...asked)];
    }
    case 'said-backup':
      return [ours('Put it on record', 'migrate', 'backup', shown.plan, `--said-by=${shown.by}`)];
    case 'verify': {
      const asked = ['--level', shown.level, '--share', String(shown.share)];
      return [ours('Verify', 'migrate', 'verify', shown.plan, ...asked)];
    }
    default:
      return assertNever(shown);
  }
}

/** An option for a program, or for the AWS command line the address of what it reads the word from. */
const isTakenForMore = /^(?:-|fileb?:\/\/|https?:\/\/)/;

/** That certificates go unchecked is handed to nobody: a line without it fails instead. */
function toolsOf({
  bucket,
  region,
  endpoint,
  profile,
  useSsl,
  caFile,
  ...more
}: Connection): Tools {
  const url = withScheme(endpoint, useSsl);
  const variables = {
    PANSEA_SYNC_HOME: more.home ?? '',
    AWS_S3_BUCKET: bucket,
    AWS_REGION: region,
    AWS_S3_ENDPOINT_URL: url,
    AWS_S3_USE_SSL: useSsl ? '' : 'false',
    AWS_S3_ENCRYPTION: more.encryption,
    AWS_S3_KMS_KEY_ID: more.kmsKeyId,
    AWS_PROFILE: profile,
    AWS_CA_BUNDLE: caFile,
  };
  const options = {
    '--region': region,
    '--endpoint-url': url,
    '--profile': profile,
    '--ca-bundle': caFile,
  };
  const where = Object.entries(options).filter(([, value]) => value !== '');
  return {
    ours: (does, ...words) => lineOf(does, ['pansea-sync', ...words], variables),
    s3api: (does, verb, ...words) =>
      lineOf(does, ['aws', 's3api', verb, '--bucket', bucket, ...where.flat(), ...words]),
  };
}

function lineOf(
  does: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Line {
  const set = Object.entries(variables).filter(([, value]) => value !== '');
  if (![...set.map(([, value]) => value), ...words].every(isPlain)) return undefined;
  const settings = set.map(([name, value]) => `${name}=${shellWord(value)}`);
  return { does, line: [...settings, ...words.map(shellWord)].join(' ') };
}

/** The AWS command line would write over it, be it a recording. */
function unlessThere(file: string, line: Line): Line {
  return line && { ...line, line: `test ! -e ${shellWord(file)} && ${line.line}` };
}

/** What is read is what is copied. */
const isPlain = (word: string): boolean => printable(word) === word && !/\p{Surrogate}/u.test(word);

/** As one word of a POSIX shell, whatever is in it. */
export function shellWord(word: string): string {
  return /^[\w/:=.,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
