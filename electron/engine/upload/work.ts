import { AppError } from '#shared/errors.ts';
import type { JobEvent, OpenUpload } from '#shared/job.ts';
import { objectMetadata } from '#shared/metadata.ts';
import { partBytesFor, planParts, SINGLE_PUT_BYTES } from '#shared/parts.ts';
import type { Destination } from '#shared/recording.ts';
import type { Adoption } from './adoption.ts';
import type { AheadOf } from '../watch/ahead.ts';
import type { Buffers } from './buffers.ts';
import { fingerprintLarge } from '../files/large-files.ts';
import type { OnTheWay } from './on-the-way.ts';
import type { PartSlots } from './part-slots.ts';
import type { SmallFiles } from '../files/small-files.ts';
import { openSource } from '../files/source.ts';
import { wasDeleted } from '../library/deleted.ts';
import {
  nobodyIfDenied,
  ownerOf,
  wasFinishedBefore,
  wasStoredAllTheSame,
  wasStoredMeanwhile,
  type Owner,
} from './owner.ts';
import { putParts, putWhole, type Upload, type UploadInParts } from './upload.ts';
import { assertLooksFinished } from './kept.ts';
import { Recalled } from './recalled.ts';
import { recogniseBytes, shareAgain } from './twins.ts';
import { believed, verifyObject } from './verify.ts';
import { crashPoint, isMutant } from '../test-hooks.ts';
import type { Remote } from '../s3/remote.ts';
import type { Scanner } from '../virus/virus-scan.ts';
import type { Turns } from '../waiting.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import { laneOf, type Lane } from '../store/job-indexes.ts';
import type { UploadStore } from '../store/uploads.ts';

type WorkContext = Readonly<{
  jobs: JobStore;
  uploads: UploadStore;
  remote: Remote;
  /** A lane's files wait for each other alone. */
  slots: Readonly<Record<Lane, PartSlots>>;
  buffers: Buffers;
  onTheWay: Pick<OnTheWay, 'note'>;
  ahead: Pick<AheadOf, 'take'>;
  smallFiles: SmallFiles;
  adoption: Pick<Adoption, 'adopt' | 'wasSalvaged'>;
  scanner: Scanner;
  nowMs: () => number;
  clientVersion: string;
  /** Files with the same bytes are sent one after another, so that only the first of them is. */
  turns: Turns;
  /** Whether a person asked for the deletion of what is not there: then the job is dropped, or waits again. */
  wasRemoved: (key: string, signal: AbortSignal) => Promise<boolean>;
  /** There may be an upload that the storage has to be told to end. */
  onOwed: () => void;
  /** The storage has answered as only a storage does. */
  onReached: () => void;
}>;

/**
 * Does one claimed job: upload, then verify; or only verify, when a former attempt got that far. Ends
 * with the job `verified`, or throws and leaves the job as its last commit had it.
 */
export async function runJob(context: WorkContext, job: Job, signal: AbortSignal): Promise<void> {
  let turn: Disposable | undefined;
  const turnOf = async (sha256: string) => {
    turn = await context.turns.take(sha256, signal);
  };
  try {
    await run(context, job, turnOf, signal);
  } finally {
    turn?.[Symbol.dispose]();
  }
}

async function run(
  context: WorkContext,
  job: Job,
  turnOf: (sha256: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { jobs, remote, nowMs } = context;
  if (job.fingerprint && job.state.kind === 'verifying') await turnOf(job.fingerprint.sha256);
  const send = () => upload(context, job, turnOf, signal);
  // A small one is in memory from its first byte read to the storage's answer.
  const sending = () =>
    laneOf(job) === 'small' ? context.slots.small(job.sizeBytes, send, signal) : send();
  const now =
    job.state.kind === 'uploading'
      ? await sending().catch(async (error: unknown) => {
          if (!(await wasFinishedBefore(remote, job, error, signal))) throw error;
          return jobs.apply(job.id, [{ type: 'outdated' }, { type: 'stored' }]);
        })
      : job;
  const { fingerprint, key, token, state } = now ?? jobs.get(job.id) ?? job;
  if (state.kind !== 'verifying') return; // Its bytes were known, or deleted.
  if (!fingerprint || !key) throw new Error(`Job ${job.id} was stored without fingerprint or key`);
  const sent = { key, token, fingerprint };
  // Bug 2: an answer to the upload is taken for a proof.
  const proof = isMutant(2)
    ? 'checksum'
    : await verifyObject(remote, sent, signal).catch(async (error: unknown) => {
        const why = await believed(
          error,
          state,
          async () => context.adoption.wasSalvaged(job) || wasDeleted(remote, key, signal),
        );
        if (why instanceof AppError && why.code === 'upload-gone') oweOpen(context, job, key);
        throw why;
      });
  crashPoint('after-head-before-verified');
  await jobs.together(() => {
    const verified = jobs.apply(job.id, [{ type: 'verified', proof, atMs: nowMs() }]);
    // It was stored before, and may have been deleted and brought back since.
    if (job.state.kind === 'verifying') shareAgain(jobs, verified, nowMs());
  });
  crashPoint('after-verified');
}

/** The storage has taken back that the parts are an object: they may be open there yet, and our list has them as completed. */
function oweOpen({ uploads, remote, onOwed }: WorkContext, { sizeBytes }: Job, key: string): void {
  if (sizeBytes <= SINGLE_PUT_BYTES || isMutant(25)) return; // Bug 25: what was said once is so.
  uploads.release(uploads.opening(key, remote.place));
  onOwed();
}

/** @returns The job as it is then; `undefined` when its bytes were found in the storage, or a person has deleted them there. */
async function upload(
  context: WorkContext,
  job: Job,
  turnOf: (sha256: string) => Promise<void>,
  signal: AbortSignal,
): Promise<Job | undefined> {
  const { jobs, remote, nowMs } = context;
  const { id, key, destination: to, sizeBytes, state } = job;
  if (!key || !to || state.kind !== 'uploading')
    throw new Error(`Job ${id} is not ready to be sent`);
  context.scanner.assertAnswers();
  await assertLooksFinished(job, signal);
  const partBytes = state.upload?.partBytes ?? partBytesFor(sizeBytes);
  const isSmall = state.upload === null && sizeBytes <= SINGLE_PUT_BYTES;
  await using source = isSmall
    ? await context.smallFiles.open(job, signal)
    : await openSource(job, signal);
  const { assertUnchanged, assertInPlace } = source;
  const { parts: prints, ...fingerprint } =
    'body' in source
      ? { ...source.fingerprint, parts: [] }
      : ((await context.ahead.take(job.path, source.opened, partBytes, signal)) ??
        (await fingerprintLarge(source.file, planParts(sizeBytes, partBytes), signal)));
  if ('file' in source) await assertUnchanged();
  const { state: now } = await jobs.together(() => jobs.setFingerprint(job, fingerprint));
  const open = now.kind === 'uploading' ? now.upload : null;
  await turnOf(fingerprint.sha256);
  const bytes = { path: job.path, sha256: fingerprint.sha256 };
  await context.scanner.assertClean(bytes, assertInPlace, signal);

  // Before its first fingerprint nothing of a job was ever sent, and here nothing can be written over.
  const isNew = job.fingerprint === undefined && remote.known.get('conditionalWrites') === true;
  const whose = async (): Promise<Owner> => ownerOf(await remote.head(key, signal), job.token);
  const plan: Upload = {
    remote,
    key,
    headers: headersOf(context, job, to, fingerprint.sha256),
    whole: { sizeBytes, crc32: fingerprint.crc32 },
    async assertUnchanged() {
      await assertUnchanged();
      // Another process may have deleted what a lost answer had stored: it cannot stop this one.
      if (jobs.get(id)?.state.kind === 'dropped') throw new Recalled();
    },
    signal,
    async assertFree() {
      if ((await whose().catch(nobodyIfDenied)) !== 'nobody') throw new AppError('key-taken', key);
    },
  };
  let isAdopted = false;
  let isProven = false;
  try {
    // A former attempt may have finished without our hearing of it; and not every storage honours If-None-Match.
    const before = isNew && isSmall ? 'nobody' : await whose().catch(nobodyIfDenied);
    isAdopted = before === 'we';
    if (before === 'somebody else') throw new AppError('key-taken', key);
    if (before === 'nobody') {
      if (await context.wasRemoved(key, signal)) return undefined;
      const seen = await recogniseBytes(context, job, fingerprint.sha256, signal);
      if (seen !== 'new') return undefined;
      if (await context.adoption.adopt(job, to, fingerprint, signal)) return undefined;
    }
    if (before === 'nobody' && 'body' in source) {
      isProven = await putWhole(plan, source.body);
      if (isProven) source.giveBack();
    } else if (before === 'nobody' && 'file' in source) {
      await sendParts(context, job, { plan, file: source.file, prints, partBytes, open });
    }
  } catch (error) {
    const wasStored =
      signal.reason instanceof Recalled
        ? await wasStoredMeanwhile(remote, key, job.token)
        : await wasStoredAllTheSame(error, whose);
    if (!wasStored) throw error;
    isAdopted = true;
  }
  const events: JobEvent[] = [{ type: 'stored' }];
  // An open upload need not be the one that became the object.
  if (isAdopted) events.unshift({ type: 'outdated' });
  if (isProven) events.push({ type: 'verified', proof: 'checksum', atMs: nowMs() });
  const stored = await jobs.together(() => jobs.apply(id, events));
  crashPoint('after-completing-commit');
  return stored;
}

function headersOf(
  { nowMs, clientVersion }: WorkContext,
  job: Job,
  to: Destination,
  sha256: string,
): Upload['headers'] {
  const { contentType, storageClass, name: fileName, token: uploadToken } = job;
  const recordedAtMs = Number(BigInt(job.mtimeNs) / 1_000_000n);
  return {
    contentType,
    storageClass,
    metadata: objectMetadata(
      { to, fileName, contentType, sha256, recordedAtMs, uploadToken, clientVersion },
      nowMs(),
    ),
  };
}

type InParts = Pick<UploadInParts, 'file' | 'prints' | 'partBytes'> &
  Readonly<{ plan: Upload; open: OpenUpload | null }>;

/** Goes on with the open upload, if there is one; what the storage has taken is in the ledger before the next. */
async function sendParts(
  { jobs, uploads, remote, slots, buffers, onTheWay, onOwed, onReached }: WorkContext,
  { id, sizeBytes }: Job,
  { plan, open, ...source }: InParts,
): Promise<void> {
  await putParts(
    { ...plan, ...source, slots: slots.large, buffers },
    {
      open,
      parts: open === null ? [] : jobs.parts(id, open.id),
      opening() {
        const row = uploads.opening(plan.key, remote.place);
        return {
          forget: () => uploads.forget(row),
          [Symbol.dispose]: () => {
            uploads.release(row);
            onOwed();
          },
        };
      },
      began: (begun) => void jobs.apply(id, [{ type: 'began', upload: begun }]),
      sent: async (uploadId, part, sentBytes) => {
        // The last one is what its completion waits for.
        const isPatient = sentBytes < sizeBytes;
        onReached();
        await jobs.together(() => {
          onTheWay.note(id, part.number, 0); // Whoever hears of this commit counts it once.
          return jobs.addPart(id, uploadId, part, sentBytes);
        }, isPatient);
      },
      passed: (part, bytes) => onTheWay.note(id, part, bytes),
    },
  );
}
