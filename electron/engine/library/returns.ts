/** @file What a kill, or a line that broke off, has left unsaid of bringing back is noted at the next start. */
import type { Database } from 'better-sqlite3';
import { isRefusal } from '../s3/refusals.ts';
import { ledgerOf, noteReturn, type Ledger } from './bring-back.ts';
import type { Log } from '../log.ts';
import type { Remote } from '../s3/remote.ts';
import type { JobStore } from '../store/jobs.ts';

/** A kill in another process may yet be to come: what is not back is asked for at each start of a day. */
const ASKED_FOR_MS = 24 * 60 * 60_000;

type Options = Readonly<{ database: Database; remote: Remote; nowMs: () => number; log: Log }>;

/** @param onSettled There may be something to look at. */
export function createReturns(
  { database, remote, nowMs, log }: Options,
  jobs: JobStore,
  onSettled: () => void,
) {
  const ending = new AbortController();
  let settled: Promise<void> | undefined;
  return {
    /** Never throws: where the storage cannot be asked, the next start asks it. Once for each start. */
    settle: () =>
      (settled ??= settleReturns(remote, ledgerOf(database, jobs, nowMs), ending.signal)
        .then(onSettled)
        .catch((error: unknown) => {
          if (!ending.signal.aborted) log('warn', 'What came back is asked for later', { error });
        })),
    async stop(): Promise<void> {
      ending.abort(new Error('The library closes'));
      await settled;
    },
  };
}

/** What was being brought back, and is there. @throws AppError trouble with the storage */
async function settleReturns(remote: Remote, ledger: Ledger, signal: AbortSignal): Promise<void> {
  const { returns, nowMs } = ledger;
  for (const { key, begunAtMs } of returns.open(remote.place)) {
    const info = await remote.head(key, signal).catch((error: unknown) => {
      if (isRefusal(error)) return undefined;
      throw error;
    });
    if (info) await noteReturn(ledger, info, remote.place);
    else if (nowMs() - begunAtMs > ASKED_FOR_MS) returns.end(key, remote.place);
  }
}
