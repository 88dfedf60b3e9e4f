/** @file Parts of open uploads by one name, whoever speaks of them: the ledger, or a request on the wire. */
import type { JobStore } from '../../electron/engine/store/jobs.ts';
import type { FaultProxy } from './fault-proxy.ts';

const partName = (number: number, uploadId: string) => `${number} of ${uploadId}`;

/** Those that the ledger knows to be sent. */
export function recordedParts(jobs: JobStore): Set<string> {
  const names = jobs.list(undefined, -1).flatMap(({ id, state }) => {
    const upload = 'upload' in state ? state.upload : null;
    if (upload === null) return [];
    return jobs.parts(id, upload.id).map(({ number }) => partName(number, upload.id));
  });
  return new Set(names);
}

/** Those that were asked to be stored, as often as they were. */
export function sentParts(log: FaultProxy['log']): string[] {
  return log
    .filter(({ operation }) => operation === 'UploadPart')
    .map(({ url }) => {
      const query = new URL(url, 'http://any').searchParams;
      return partName(Number(query.get('partNumber')), query.get('uploadId') ?? '');
    });
}
