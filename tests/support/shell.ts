/** @file Lines that a window shows, run as a person runs them: by a shell. */
import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { commandLines, type Shown } from '../../shared/command-line.ts';
import { mustSayNoKey } from './canary-traces.ts';
import type { Cli } from './cli.ts';
import type { S3Access } from './s3-servers.ts';

/** A shell that knows the keys and nothing else: the line says which bucket, and which list. */
export async function openShell(cli: Cli, s3: S3Access, aws = 'aws') {
  const folder = join(cli.folder, 'here');
  const programs = join(cli.folder, 'programs');
  await Promise.all([mkdir(folder), mkdir(programs)]);
  const source = join(import.meta.dirname, '../../electron/cli.ts');
  await writeFile(
    join(programs, 'pansea-sync'),
    `#!/bin/sh\nexec '${process.execPath}' -- '${source}' "$@"\n`,
  );
  await writeFile(join(programs, 'aws'), `#!/bin/sh\nexec '${aws}' "$@"\n`);
  for (const name of ['pansea-sync', 'aws']) await chmod(join(programs, name), 0o755);
  const env = {
    PATH: `${programs}${delimiter}${process.env['PATH']}`,
    HOME: cli.folder,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
  const place = {
    useSsl: false,
    bucket: s3.bucket,
    region: s3.region,
    endpoint: s3.endpoint,
    profile: '',
    encryption: 'AES256',
    kmsKeyId: '',
    caFile: '',
    home: cli.env['PANSEA_SYNC_HOME']!,
  };
  return async (shown: Shown, program = 'pansea-sync'): Promise<string[]> => {
    const answers: string[] = [];
    for (const { line } of commandLines(shown, place)) {
      if (line.includes('aws s3api ') !== (program === 'aws')) continue;
      const { stdout } = await promisify(execFile)('sh', ['-c', line], { env, cwd: folder });
      mustSayNoKey(stdout.replaceAll(/^http.*$/gm, ''), line);
      answers.push(stdout);
    }
    return answers;
  };
}

/** Where a program is; `undefined` when there is none. */
export function programOf(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}
