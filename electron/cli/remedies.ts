/** @file What to do, where the command line has words of its own for it: its variables and options. */
import { catalogue } from '#shared/catalogue.ts';
import type { ErrorCode } from '#shared/errors.ts';

const remedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  'credentials-missing':
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment or a .env file, or choose a profile with AWS_PROFILE.',
  'wrong-access-key':
    'Check AWS_ACCESS_KEY_ID. Your recordings are safe on this computer and wait.',
  'wrong-secret':
    'Check AWS_SECRET_ACCESS_KEY for a typing mistake. Your recordings are safe on this computer and wait.',
  'no-bucket':
    'Check AWS_S3_BUCKET and AWS_S3_ENDPOINT_URL. Your recordings are safe on this computer and wait.',
  'wrong-region': 'Set AWS_REGION to the region named in the details.',
  'no-object': 'Check the key, or look for it with: pansea-sync list',
  'download-exists': 'Choose another name, or add --overwrite. The existing file was not touched.',
  'settings-missing': 'Set it in the environment or in a .env file; .env.example lists them all.',
  'settings-wrong': 'Correct it in the environment or in the .env file.',
  usage: 'Run pansea-sync --help to see what is possible.',
  'home-locked': 'Use that one, stop it first, or choose another --home. Its uploads go on.',
  'home-not-local':
    'Choose another --home that is not on a network drive. Nothing was changed; the recordings themselves may be anywhere.',
};

export function remedyOf(code: ErrorCode): string {
  return remedies[code] ?? catalogue[code].remedy;
}
