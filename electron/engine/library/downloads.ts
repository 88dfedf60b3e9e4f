/** @file The downloads that windows begin: they go on whatever page is open, and are told as they go. */
import { basename } from 'node:path';
import { stat } from 'node:fs/promises';
import type { Api, ApiEvent } from '#shared/api.ts';
import type { DownloadView } from '#shared/api/stored.ts';
import { AppError } from '#shared/errors.ts';
import { TELL_EVERY_MS } from '../events.ts';
import { downloadObject, localName, type Download as Order } from './download.ts';
import { mustHead } from './objects.ts';
import type { Desktop } from '../desktop.ts';
import type { ObjectInfo, Remote } from '../s3/remote.ts';

type Options = Readonly<{
  /** @throws AppError while there is no storage. */
  remote: () => Remote;
  /** @throws AppError `no-object` for a key that this window was not shown. */
  assertKnown: (key: string) => void;
  desktop: Desktop;
  /** When it throws, the file is saved all the same. */
  beforeSaved: NonNullable<Order['beforeSaved']>;
  emit: (event: ApiEvent) => void;
  monotonicMs: () => number;
  onUnexpected: (error: unknown) => void;
  /** Ends all when the host ends: what has arrived stays for the next time. */
  signal: AbortSignal;
}>;

type Download = { view: DownloadView; readonly cancel: AbortController };

/** Of what has ended, so many stay in the list. */
const KEPT = 50;

type Downloads = Pick<
  Api,
  'startDownload' | 'listDownloads' | 'cancelDownload' | 'revealDownload' | 'clearDownloads'
>;

export function createDownloads(options: Options): Downloads {
  const { remote, assertKnown, desktop, emit, monotonicMs, onUnexpected, signal } = options;
  const all = new Map<number, Download>();
  let lastId = 0;

  function change(download: Download, to: Partial<DownloadView>, isTold = true): void {
    download.view = { ...download.view, ...to };
    if (isTold) emit({ type: 'download', download: download.view });
  }

  async function beforeSaved(partial: string, target: string): Promise<void> {
    try {
      await options.beforeSaved(partial, target);
    } catch (error) {
      onUnexpected(error);
    }
  }

  async function run(download: Download, from: Remote, info: ObjectInfo): Promise<void> {
    const { path } = download.view;
    let toldAtMs = -Infinity;
    const onBytes = (doneBytes: number) => {
      const nowMs = monotonicMs();
      const isTold = nowMs - toldAtMs >= TELL_EVERY_MS || doneBytes === info.sizeBytes;
      if (isTold) toldAtMs = nowMs;
      change(download, { doneBytes }, isTold);
    };
    try {
      // The dialog has asked about a file that is there; what comes into being later is nobody's to replace.
      const overwrite = await exists(path);
      const cancel = download.cancel.signal;
      const { verified } = await downloadObject({
        remote: from,
        info,
        target: path,
        overwrite,
        signal,
        cancel,
        onBytes,
        beforeSaved,
      });
      change(download, { state: 'done', doneBytes: info.sizeBytes, verified });
    } catch (error) {
      if (signal.aborted) return;
      if (download.cancel.signal.aborted) {
        all.delete(download.view.id);
        change(download, { state: 'cancelled' });
        return;
      }
      const known = error instanceof AppError ? error : new AppError('unexpected');
      if (known !== error) onUnexpected(error);
      const { code, title, remedy } = known;
      change(download, { state: 'failed', trouble: { code, title, remedy } });
    }
  }

  const isTaken = (path: string): boolean =>
    [...all.values()].some(({ view }) => view.state === 'running' && view.path === path);

  const ended = () => [...all.values()].filter(({ view }) => view.state !== 'running');

  return {
    async startDownload({ key }) {
      assertKnown(key);
      const from = remote();
      const info = await mustHead(from, key, signal);
      const path = await desktop.chooseSavePath(localName(info), isTaken);
      if (path === undefined) return { download: null };
      if (isTaken(path)) throw new AppError('download-exists', path);
      for (const { view } of ended().slice(0, -KEPT)) all.delete(view.id);
      const download: Download = {
        cancel: new AbortController(),
        view: {
          id: (lastId += 1),
          key,
          path,
          name: basename(path),
          sizeBytes: info.sizeBytes,
          doneBytes: 0,
          state: 'running',
          verified: false,
          trouble: null,
        },
      };
      all.set(download.view.id, download);
      change(download, {});
      void run(download, from, info);
      return { download: download.view };
    },
    listDownloads: async () => [...all.values()].map(({ view }) => view),
    async cancelDownload({ id }) {
      all.get(id)?.cancel.abort(new Error('The person cancelled the download'));
      return {};
    },
    async revealDownload({ id }) {
      const view = all.get(id)?.view;
      if (view?.state === 'done') desktop.revealFile?.(view.path);
      return {};
    },
    async clearDownloads() {
      for (const { view } of ended()) all.delete(view.id);
      return {};
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
