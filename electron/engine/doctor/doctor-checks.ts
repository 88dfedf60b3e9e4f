/** @file The lines of "test connection": each says what was found, and what to do about it. */
import { correctionText, offText, POOR_CLOCK_MS } from '#shared/corrections.ts';
import { encryptionText, type Encryption } from '#shared/encryption.ts';
import { AppError } from '#shared/errors.ts';
import { count, formatDeadline } from '#shared/format.ts';
import { isLoopback } from '#shared/loopback.ts';
import { s3Actions, type S3Action } from '#shared/policy.ts';
import type { Check, Facts } from '#shared/report.ts';
import { originWords, type SignIn } from '#shared/sign-in.ts';
import { DAY_MS } from '#shared/time.ts';
import type { Verdict } from './doctor-permissions.ts';
import type { Certificate } from '../s3/certificates.ts';
import type { StoragePlace, StorageSettings } from '../s3/storage-settings.ts';
import type { Heard } from '../s3/probe.ts';
import type { ObjectInfo } from '../s3/remote.ts';

export function settingsCheck({ bucket, region, endpoint }: StoragePlace): Check {
  const detail = `bucket ${bucket}, region ${region}, ${endpoint ? 'own endpoint' : 'AWS'}`;
  return { id: 'settings', ok: true, title: 'Settings are complete', detail };
}

/** Shorter before its end, a certificate is worth a word. */
const ENDS_SOON_MS = 14 * DAY_MS;

/** @param certificate The storage's own, where one was shown. */
export function tlsCheck(
  { endpoint = 'https://', verifyTls }: StorageSettings,
  certificate: Certificate | undefined,
  nowMs: number,
): Check {
  const base = { id: 'tls', ok: true } as const;
  if (!endpoint.startsWith('https:')) {
    if (isLoopback(new URL(endpoint).hostname))
      return { ...base, title: 'The connection stays on this computer' };
    return {
      ...base,
      title: 'The connection is not private',
      remedy: 'The endpoint is plain http: anyone on the way can read along.',
    };
  }
  const detail =
    certificate &&
    `certificate issued by ${certificate.issuer}, until ${formatDeadline(certificate.endsAtMs)}`;
  const shown = detail === undefined ? {} : { detail };
  if (!verifyTls)
    return {
      ...base,
      ...shown,
      title: 'Nobody knows whether the connection is private',
      remedy:
        'Certificates are not checked (AWS_S3_VERIFY_SSL=false): anyone on the way could read along. This ends by itself after 24 hours; a school’s own certificate goes into AWS_CA_BUNDLE.',
    };
  const check = { ...base, ...shown, title: 'The connection is private' };
  return certificate && certificate.endsAtMs - nowMs < ENDS_SOON_MS
    ? { ...check, remedy: 'The certificate ends soon: ask your IT team to renew it.' }
    : check;
}

export function reachCheck({ endpoint, region }: StoragePlace, { tookMs }: Heard): Check {
  const detail = `${endpoint ?? `AWS, ${region}`}, in ${tookMs} ms`;
  return { id: 'reach', ok: true, title: 'The storage answers', detail };
}

export function clockCheck({ aheadMs }: Heard): Check {
  if (aheadMs === undefined)
    return { id: 'clock', ok: true, title: 'The clock', detail: 'the storage told no time' };
  const off = Math.abs(aheadMs);
  if (off >= POOR_CLOCK_MS)
    return {
      id: 'clock',
      ok: true,
      title: 'The clock is wrong',
      detail: offText(aheadMs),
      remedy:
        'Uploads and links go by the storage’s clock. Turn on automatic date and time on this computer.',
    };
  const detail = `within ${count(Math.max(1, Math.ceil(off / 1_000)), 'second')} of the storage’s`;
  return { id: 'clock', ok: true, title: 'The clock is right', detail };
}

export function signInCheck(signIn: SignIn): Check {
  const { keyEnding, isTemporary, endsAtMs } = signIn;
  const end =
    endsAtMs === undefined
      ? isTemporary
        ? '; temporary, and when it ends is not known'
        : ''
      : `; it works until ${formatDeadline(endsAtMs)}`;
  const key =
    keyEnding === '' ? 'a key that looks like a secret key' : `access key ending in ${keyEnding}`;
  const detail = `${key}, from ${originWords(signIn)}${end}`;
  return { id: 'sign-in', ok: true, title: 'Sign-in works', detail };
}

/** @param found Where the answers said that it is. */
export function bucketCheck(
  { bucket, endpoint, region: asked }: StorageSettings,
  { location }: Facts,
  found: string,
): Check {
  const isTold = endpoint === undefined && location.value !== 'unknown';
  const detail = isTold ? `${bucket}, in ${location.value}` : bucket;
  const check = { id: 'bucket', ok: true, title: 'The bucket is there', detail };
  return found === asked
    ? check
    : { ...check, remedy: correctionText({ kind: 'region', asked, found }) };
}

export function permissionCheck(action: S3Action, { permission, reason }: Verdict): Check {
  const { does, without, need } = s3Actions[action];
  const check = { id: action, ok: true, title: does, detail: permission };
  if (permission === 'allowed') return check;
  if (permission === 'unknown') return { ...check, remedy: reason ?? 'The answer was unclear.' };
  if (need !== 'essential') return { ...check, remedy: without };
  return { ...check, ok: false, remedy: `${without} Ask an admin to allow ${action}.` };
}

const KEY_RIGHTS = 'The account also needs kms:GenerateDataKey and kms:Decrypt for the key.';

/**
 * Whether new objects are kept as the settings want them. A storage that overlooks the wish would leave
 * recordings unencrypted without a word.
 *
 * @param upload What asking for leave to write told.
 * @param stored The test object, where there was one.
 */
export function encryptionCheck(
  wanted: Encryption,
  upload: Verdict,
  stored: ObjectInfo | undefined,
): Check {
  const { algorithm } = wanted;
  const detail = encryptionText(algorithm, 'keyId' in wanted ? wanted.keyId : undefined);
  if (upload.trouble?.code === 'encryption-refused') return failed('encryption', upload.trouble);
  if (stored?.encryption === algorithm)
    return { id: 'encryption', ok: true, title: 'New objects are encrypted as chosen', detail };
  const check = { id: 'encryption', title: 'Encryption', detail };
  if (stored === undefined) {
    const keys = algorithm === 'aws:kms' ? ` ${KEY_RIGHTS}` : '';
    return { ...check, ok: true, remedy: `Not tried: no test object could be stored.${keys}` };
  }
  return {
    ...check,
    ok: false,
    title: 'The storage does not encrypt as it is asked to',
    remedy: `It says ${stored.encryption ?? 'nothing'} of a test object. Let the bucket encrypt by default, and leave the choice to it in the settings.`,
  };
}

export function leftBehindCheck(keys: readonly string[]): Check {
  return {
    id: 'clean-up',
    ok: false,
    title: 'A test object stayed behind',
    detail: keys.join(', '),
    remedy: `Remove it with: pansea-sync delete ${keys.join(' ')} --yes`,
  };
}

export function failed(id: string, error: AppError): Check {
  const { code, title, message, remedy } = error;
  return { id, ok: false, title, ...(message === title ? {} : { detail: message }), remedy, code };
}
