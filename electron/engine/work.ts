import type { LimitFunction } from 'p-limit';
import { AppError } from '#shared/errors.ts';
import { objectMetadata } from '#shared/metadata.ts';
import { partBytesFor, planParts, SINGLE_PUT_BYTES } from '#shared/parts.ts';
import { fingerprintFile } from './fingerprint.ts';
import { openSource } from './source.ts';
import { putParts, putWhole, type Upload } from './upload.ts';
import { verifyObject } from './verify.ts';
import type { Remote } from './s3/remote.ts';
import type { Job, JobStore } from './store/jobs.ts';

export type WorkContext = Readonly<{
  jobs: JobStore;
  remote: Remote;
  slots: LimitFunction;
  nowMs: () => number;
  clientVersion: string;
}>;

/**
 * Does one claimed job: upload, then verify; or only verify, when a former attempt got that far. Ends
 * with the job `verified`, or throws and leaves the job as its last commit had it.
 */
export async function runJob(context: WorkContext, job: Job, signal: AbortSignal): Promise<void> {
  const { jobs, remote, nowMs } = context;
  const stored = job.state.kind === 'verifying' ? 'unproven' : await upload(context, job, signal);
  const { fingerprint, key, token } = jobs.get(job.id) ?? job;
  if (!fingerprint || !key) throw new Error(`Job ${job.id} was stored without fingerprint or key`);
  const proof =
    stored === 'proven'
      ? 'checksum'
      : await verifyObject(remote, { key, token, fingerprint }, signal);
  jobs.apply(job.id, [{ type: 'verified', proof, atMs: nowMs() }]);
}

/** @returns `proven` when the answer itself carried the storage's own equal checksum. */
async function upload(
  context: WorkContext,
  job: Job,
  signal: AbortSignal,
): Promise<'proven' | 'unproven'> {
  const { jobs, remote, slots, nowMs, clientVersion } = context;
  const { id, key, destination: to, sizeBytes, state } = job;
  if (!key || !to || state.kind !== 'uploading')
    throw new Error(`Job ${id} is not ready to be sent`);
  await using source = await openSource(job);
  const { file, assertUnchanged } = source;

  const partBytes = state.upload?.partBytes ?? partBytesFor(sizeBytes);
  const isSmall = state.upload === null && sizeBytes <= SINGLE_PUT_BYTES;
  const parts = sizeBytes === 0 ? [] : planParts(sizeBytes, isSmall ? sizeBytes : partBytes);
  const { parts: prints, ...fingerprint } = await fingerprintFile(file, parts, signal);
  await assertUnchanged();
  jobs.setFingerprint(id, fingerprint);

  // A former attempt may have finished without our hearing of it; and not every storage honours If-None-Match.
  const isThere = async () => (await remote.head(key, signal))?.metadata['upload_token'];
  const before = await isThere();
  if (before !== undefined && before !== job.token) throw new AppError('key-taken', key);

  let isProven = false;
  if (before === undefined) {
    const headers = {
      contentType: job.contentType,
      metadata: objectMetadata(
        {
          to,
          fileName: job.name,
          contentType: job.contentType,
          sha256: fingerprint.sha256,
          recordedAtMs: Number(BigInt(job.mtimeNs) / 1_000_000n),
          uploadToken: job.token,
          clientVersion,
        },
        nowMs(),
      ),
    };
    const whole = { sizeBytes, crc32: fingerprint.crc32 };
    const plan: Upload = {
      remote,
      key,
      headers,
      file,
      prints,
      whole,
      partBytes,
      slots,
      assertUnchanged,
      signal,
    };
    try {
      if (isSmall) isProven = await putWhole(plan);
      else
        await putParts(plan, {
          open: state.upload,
          parts: state.upload === null ? [] : jobs.parts(id, state.upload.id),
          began: (open) => void jobs.apply(id, [{ type: 'began', upload: open }]),
          sent: (uploadId, part, sentBytes) => void jobs.addPart(id, uploadId, part, sentBytes),
        });
    } catch (error) {
      if (!(await wasStoredAllTheSame(error, isThere, job.token))) {
        await abandon(context, job, error);
        throw error;
      }
    }
  }
  jobs.apply(id, [{ type: 'stored' }]);
  return isProven ? 'proven' : 'unproven';
}

/** After a lost answer the retry hears "taken" or "no such upload", though the first try did it: the token tells. */
async function wasStoredAllTheSame(
  error: unknown,
  tokenThere: () => Promise<string | undefined>,
  token: string,
): Promise<boolean> {
  if (!(error instanceof AppError) || (error.code !== 'key-taken' && error.code !== 'upload-gone'))
    return false;
  return (await tokenThere()) === token;
}

/** Frees the parts of an upload that can never be completed. Best effort: the account may lack the permission. */
async function abandon(
  { jobs, remote }: WorkContext,
  { id, key }: Job,
  error: unknown,
): Promise<void> {
  if (!(error instanceof AppError) || error.retry !== 'superseded') return;
  const state = jobs.get(id)?.state;
  if (key === undefined || state?.kind !== 'uploading' || state.upload === null) return;
  await remote.abortUpload(key, state.upload.id, AbortSignal.timeout(10_000)).catch(() => {});
}
