/**
 * @file "Test connection": from the settings to the last permission, each step said in a person's
 * words with what to do about it. Nothing is left in the bucket.
 */
import { ability, unknownAbilities, unknownAbility, type Abilities } from '#shared/abilities.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import { s3ActionNames, s3Actions } from '#shared/policy.ts';
import { destinationKinds, objectKeyFor } from '#shared/recording.ts';
import type { Check, Facts, Report } from '#shared/report.ts';
import { originWords, type SignIn } from '#shared/sign-in.ts';
import {
  listPartsAbility,
  roundTrip,
  whyNoRoundTrip,
  withoutRoundTrip,
  type RoundTrip,
} from './doctor-abilities.ts';
import {
  bucketCheck,
  clockCheck,
  encryptionCheck,
  failed,
  leftBehindCheck,
  permissionCheck,
  reachCheck,
  settingsCheck,
  signInCheck,
  tlsCheck,
} from './doctor-checks.ts';
import { isVersioned, readFacts, unknownFacts } from './doctor-facts.ts';
import {
  better,
  notRead,
  probePermissions,
  readObject,
  verdictOf,
  type Known,
  type Verdict,
  type Verdicts,
} from './doctor-permissions.ts';
import type { StorageSettings } from '../s3/storage-settings.ts';
import type { Probe } from '../s3/probe.ts';

export type Diagnosis = Readonly<{
  report: Report;
  /** Whose keys were used; null where none were found. */
  signIn: SignIn | null;
  /** What keeps this computer from working with the storage at all. */
  trouble: AppError | undefined;
}>;

const reachCodes = new Set<ErrorCode>([
  'offline',
  'not-storage',
  'proxy-refused',
  'busy',
  'server-error',
]);
const signInCodes = new Set<ErrorCode>([
  'credentials-missing',
  'wrong-access-key',
  'wrong-secret',
  'sign-in-expired',
  'sign-in-failed',
]);

/** The report of a test that ended before it began: the settings are not usable. */
export function wrongSettings(error: AppError): Diagnosis {
  return stopped([failed('settings', error)], error);
}

type About = Readonly<{ settings: StorageSettings; userId: string; uuid: () => string }>;

/**
 * @param about.uuid For keys that nobody has, below `uploads/{userId}/`.
 * @throws Only what is not the storage's doing, such as an interruption.
 */
export async function testConnection(probe: Probe, about: About): Promise<Diagnosis> {
  let someKey: string | undefined;
  const list = await verdictOf(async () => (someKey = await probe.list()), []);
  const signIn = (await probe.signIn().catch(() => undefined)) ?? null;
  const { checks, trouble, isUsable } = await connection(probe, about.settings, list, signIn);
  if (!isUsable) return stopped(checks, trouble, signIn);

  const facts = await readFacts(probe);
  // Any object will do; of one outside our layout only a "yes" counts.
  const { info, ...someReading } =
    someKey === undefined ? { ...notRead, info: undefined } : await readObject(probe, someKey);
  const reading = info || isOurPlace(someKey) ? someReading : notRead;
  const keepsVersions = isVersioned(facts.versioning, info);
  const leftBehind: string[] = [];
  const { verdicts, trip } = await tryActions(probe, about, {
    list,
    reading,
    isVersioned: keepsVersions,
    isAws: about.settings.endpoint === undefined,
    onLeftBehind: (key) => leftBehind.push(key),
  });

  const shutOut = isShutOut(verdicts)
    ? new AppError('access-denied', `${about.settings.bucket} is there, but not for this account`)
    : undefined;
  const region = await probe.region();
  checks.push(shutOut ? failed('bucket', shutOut) : bucketCheck(about.settings, facts, region));
  checks.push(...s3ActionNames.map((action) => permissionCheck(action, verdicts[action])));
  const { encryption } = about.settings;
  if (encryption) checks.push(encryptionCheck(encryption, verdicts['s3:PutObject'], trip.stored));
  if (leftBehind.length > 0) checks.push(leftBehindCheck(leftBehind));
  const abilities = abilitiesOf(trip, verdicts, facts, about.settings, probe.isPathStyle());
  const report = reportOf(checks, verdicts, abilities, facts);
  return { report, signIn, trouble: trouble ?? shutOut };
}

/** How far one gets: to the storage, signed in, to the bucket. The clock alone ends nothing. */
async function connection(
  probe: Probe,
  settings: StorageSettings,
  list: Verdict,
  signIn: SignIn | null,
): Promise<{ checks: Check[]; trouble: AppError | undefined; isUsable: boolean }> {
  const checks: Check[] = [settingsCheck(settings)];
  const end = (id: string, trouble: AppError) => {
    checks.push(failed(id, trouble));
    return { checks, trouble, isUsable: false };
  };
  const heard = probe.heard();
  // S3 has words for a missing bucket. A bare "not found" comes from some other web server.
  const error =
    list.trouble?.code === 'no-object'
      ? new AppError('not-storage', list.trouble.message)
      : list.trouble;

  const asSigned = (refusal: AppError) =>
    signIn === null
      ? refusal
      : new AppError(refusal.code, `${refusal.message} (keys from ${originWords(signIn)})`);
  if (error && signInCodes.has(error.code) && !heard) return end('sign-in', error);
  if (error?.code === 'untrusted-connection') return end('tls', error);
  if (!heard && (!error || error.code === 'unexpected'))
    return end('reach', new AppError('offline', error?.message));
  if (!heard || (error && reachCodes.has(error.code)))
    return end('reach', error ?? new AppError('offline'));
  checks.push(reachCheck(settings, heard));
  checks.push(tlsCheck(settings, probe.certificate(), probe.nowMs()));

  if (error?.code === 'clock-skew') return end('clock', error);
  checks.push(clockCheck(heard));

  if (error && signInCodes.has(error.code)) return end('sign-in', asSigned(error));
  // A region that does not fit is refused before the keys are looked at.
  if (signIn && error?.code !== 'wrong-region') checks.push(signInCheck(signIn));
  const noBucket = error ?? (list.permission === 'denied' ? await bucketTrouble(probe) : undefined);
  if (noBucket) return end('bucket', noBucket);
  return { checks, trouble: undefined, isUsable: true };
}

async function tryActions(
  probe: Probe,
  { userId, uuid }: About,
  known: Known,
): Promise<{ verdicts: Verdicts; trip: RoundTrip }> {
  const freshKey = () => objectKeyFor({ kind: 'uploads', userId }, uuid(), '');
  const asked = await probePermissions(probe, freshKey(), known);
  const whyNot = whyNoRoundTrip(asked, known.isVersioned);
  const trip =
    whyNot === undefined
      ? await roundTrip(probe, freshKey(), known.onLeftBehind)
      : withoutRoundTrip(whyNot);
  const verdicts = {
    ...asked,
    's3:GetObject': better(trip.reading.get, asked['s3:GetObject']),
    's3:GetObjectVersion': better(trip.reading.getVersion, asked['s3:GetObjectVersion']),
  };
  return { verdicts, trip };
}

function abilitiesOf(
  trip: RoundTrip,
  verdicts: Verdicts,
  { versioning }: Facts,
  { endpoint }: StorageSettings,
  isPathStyle: boolean,
): Abilities {
  return {
    ...trip.abilities,
    listParts: listPartsAbility(verdicts['s3:ListMultipartUploadParts']),
    versioning:
      versioning.value === 'unknown'
        ? unknownAbility(versioning.advice ?? 'Not visible to this account.')
        : ability('versioning', true),
    // It has just answered so.
    pathStyle:
      endpoint === undefined
        ? unknownAbility('Not used with AWS.')
        : ability('pathStyle', isPathStyle),
  };
}

/** What is wrong with the bucket, asked by an account that may not list it. */
async function bucketTrouble(probe: Probe): Promise<AppError | undefined> {
  const { trouble } = await verdictOf(probe.headBucket, []);
  // HEAD has no words: its "not found" is about the bucket.
  if (trouble?.code === 'no-object') return new AppError('no-bucket', trouble.message);
  return trouble && ['no-bucket', 'wrong-region'].includes(trouble.code) ? trouble : undefined;
}

const isOurPlace = (key = '') => destinationKinds.some((kind) => key.startsWith(`${kind}/`));

/** Neither reading nor writing: the account was let in, and that is all. */
function isShutOut(verdicts: Verdicts): boolean {
  const essential = s3ActionNames.filter((name) => s3Actions[name].need === 'essential');
  return essential.every((name) => verdicts[name].permission !== 'allowed');
}

/** A report that ends at the first thing without which nothing else can be asked. */
function stopped(
  checks: readonly Check[],
  trouble: AppError | undefined,
  signIn: SignIn | null = null,
): Diagnosis {
  const notAsked = 'Not asked: see the check that failed.';
  const verdict: Verdict = { permission: 'unknown' };
  const verdicts = Object.fromEntries(s3ActionNames.map((name) => [name, verdict])) as Verdicts;
  const abilities = unknownAbilities(notAsked);
  const report = reportOf(checks, verdicts, abilities, unknownFacts(notAsked));
  return { report, signIn, trouble };
}

function reportOf(
  checks: readonly Check[],
  verdicts: Verdicts,
  abilities: Abilities,
  facts: Facts,
): Report {
  const permissions = Object.fromEntries(
    s3ActionNames.map((name) => [name, verdicts[name].permission]),
  ) as Report['permissions'];
  return { ok: checks.every(({ ok }) => ok), checks: [...checks], permissions, abilities, facts };
}
