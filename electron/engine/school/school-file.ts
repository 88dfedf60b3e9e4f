/** @file The policy file: where a school's admin puts it, who may have written it, and what may stand in it. */
import { lstatSync, readFileSync, statSync, unwatchFile, watchFile, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import { MAX_LINK_SECONDS } from '#shared/link.ts';
import { pathId } from '#shared/recording.ts';
import { defaultUserId } from '../defaults.ts';
import { saysGone } from '../files/file-errors.ts';
import { storageSettings, type Environment } from '../settings/settings.ts';
import { folderRule } from '../store/folders.ts';

/**
 * Written out, not asked of the environment: whoever starts the program sets that. On Windows only an
 * admin may write below it once an admin has made the folder.
 */
const places: Partial<Record<NodeJS.Platform, string>> = {
  darwin: '/Library/Application Support/Pan-Sea Sync/policy.json',
  win32: 'C:\\ProgramData\\Pan-Sea Sync\\policy.json',
};
const machineFile = places[process.platform] ?? '/etc/pansea-sync/policy.json';

/** Longer ones are no policy. */
const MAX_BYTES = 1_048_576;
/** Its size and times are looked at: no watcher tells of a file that comes into being. */
const LOOK_EVERY_MS = 5_000;

const path = z
  .string()
  .transform((text) => (text.startsWith('~/') ? join(homedir(), text.slice(2)) : text))
  .refine(isAbsolute, 'must be an absolute path, or begin with ~/')
  .transform((text) => resolve(text));
const rule = z
  .strictObject({ ...folderRule.shape, path, userId: pathId.default(defaultUserId) })
  .transform(({ path: folder, storageClass, ...rest }) => ({
    path: folder,
    // The usual class is asked for by nobody.
    rule: storageClass === 'STANDARD' ? rest : { ...rest, ...(storageClass && { storageClass }) },
  }));

const policy = z.strictObject({
  format: z.literal(1),
  help: z.string().max(200).optional(),
  storage: z
    .strictObject({
      bucket: z.string(),
      region: z.string().default(''),
      endpoint: z.string().default(''),
    })
    .transform((storage, context) => {
      try {
        const { bucket, region } = storageSettings(variablesOf(storage));
        return { ...storage, bucket, region };
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .optional(),
  folders: z
    .strictObject({ rules: z.array(rule).default([]), others: z.boolean().default(true) })
    .optional(),
  links: z.strictObject({ longestSeconds: z.int().min(60).max(MAX_LINK_SECONDS) }).optional(),
  cleanUp: z
    .strictObject({ local: z.boolean().default(true), storage: z.boolean().default(true) })
    .optional(),
});
export type Policy = z.output<typeof policy>;

type Place = Readonly<{ bucket: string; region: string; endpoint: string }>;

export function variablesOf(storage: Place | undefined): Record<string, string> {
  if (storage === undefined) return {};
  return {
    AWS_S3_BUCKET: storage.bucket,
    AWS_REGION: storage.region,
    AWS_S3_ENDPOINT_URL: storage.endpoint,
  };
}

/**
 * A computer's own file is never passed over for another: PANSEA_POLICY_FILE, for trying a policy out,
 * counts only where there is none.
 */
export function policyFile(env: Environment, machine = machineFile): string {
  const tried = env['PANSEA_POLICY_FILE']?.trim();
  return tried && isAbsent(machine) ? resolve(tried) : machine;
}

/** @returns Ends it. */
export function onPolicyChange(env: Environment, tell: () => void): () => void {
  const files = new Set([machineFile, policyFile(env)]);
  const compare = (now: Stats, before: Stats) => {
    // Of a file that is not there it tells once, at the start, that it is not.
    if (now.ctimeMs !== before.ctimeMs || now.ino !== before.ino) tell();
  };
  const options = { persistent: false, interval: LOOK_EVERY_MS };
  for (const file of files) watchFile(file, options, compare);
  return () => {
    for (const file of files) unwatchFile(file, compare);
  };
}

/** A link that leads nowhere, such as to a share that is not connected, is no "there is none". */
const isAbsent = (file: string): boolean =>
  isMissing(() => lstatSync(file)) && !leadsNowhere(dirname(file));

const leadsNowhere = (place: string): boolean =>
  isMissing(() => statSync(place)) && !isMissing(() => lstatSync(place));

function isMissing(look: () => Stats): boolean {
  try {
    look();
    return false;
  } catch (error) {
    return saysGone(error);
  }
}

/**
 * @returns What it says, as text and as read; `undefined` when there is no such file.
 * @throws AppError `policy-unreadable`, naming the file and what is wrong with it.
 */
export function readPolicyFile(
  file: string,
  machine = machineFile,
): { text: string; policy: Policy } | undefined {
  if (isAbsent(file)) return undefined;
  try {
    if ([file, dirname(file)].some(leadsNowhere))
      throw new Error('what it is a link to is not there');
    if (file === machine) assertOfAdmin(file);
    if (statSync(file).size > MAX_BYTES) throw new Error('it is too large');
    const text = readFileSync(file, 'utf8');
    return { text, policy: parsePolicy(text) };
  } catch (cause) {
    throw new AppError('policy-unreadable', `${file}: ${(cause as Error).message}`, { cause });
  }
}

/** @throws Error saying what is wrong, in words. */
export function parsePolicy(text: string): Policy {
  // Editors on Windows put a mark before the text that JSON does not know.
  const parsed = policy.safeParse(JSON.parse(text.replace(/^\uFEFF/, '')));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return parsed.data;
}

/** Whoever else could write it could take back what it says. */
function assertOfAdmin(file: string): void {
  if (process.platform === 'win32') return; // Its rights are no numbers: docs/POLICY.md says how to set them.
  for (const place of [file, dirname(file)]) {
    const { uid, mode } = statSync(place);
    if (uid !== 0) throw new Error(`${place} has to belong to root`);
    if ((mode & 0o022) !== 0) throw new Error(`${place} may be written by others than root`);
  }
}
