import type { NewJob } from '../../electron/engine/store/jobs.ts';

/** A recording that waits for its turn, in a ledger alone: no file, no folder, no object is of it. */
export const queuedJob = (n: number, notBeforeMs = 0): NewJob => ({
  path: `/r/${n}.mp3`,
  sizeBytes: 10,
  mtimeNs: String(n),
  name: `${n}.mp3`,
  folderId: undefined,
  contentType: 'audio/mpeg',
  destination: { kind: 'uploads', userId: 'u' },
  key: `uploads/u/${n}`,
  token: `token-${n}`,
  state: { kind: 'queued', attempts: 0, notBeforeMs, code: null, upload: null },
});
