/** @file The calls about files that a person sends by hand. */
import { basename } from 'node:path';
import type { Api, ApiOutput } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import { shelfOf, type Destination } from '#shared/recording.ts';
import { ask } from '../files/disks.ts';
import { diskOf } from '../queue/known-jobs.ts';
import { destinationOf } from '../queue/targets.ts';
import { look } from '../watch/scan.ts';
import type { Engine } from '../engine.ts';
import type { HandlerContext } from './handlers.ts';

type HandCalls = Pick<
  Api,
  'chooseFiles' | 'uploadFiles' | 'storedElsewhere' | 'sendStoredElsewhere'
>;

/** @param engine Throws what keeps it from being there. */
export function createHandCalls(
  { session, desktop, places, signal }: HandlerContext,
  engine: () => Engine,
): HandCalls {
  async function take(
    paths: readonly string[],
    to: Destination,
  ): Promise<ApiOutput<'uploadFiles'>> {
    const results = await engine().takeIn([...new Set(paths)], to, signal);
    const left = paths.flatMap((path) => {
      const result = results.get(path) ?? ('still-changing' as const);
      if (typeof result === 'number') return [];
      const why = result instanceof AppError ? result.code : result;
      // Nothing looks for it any more.
      return [{ path, why: why === 'file-gone' ? 'no-file' : why }];
    });
    return { left };
  }

  /** Of a folder without a class nothing is elsewhere: it says nothing of where. */
  function elsewhere(id: number) {
    const { folders, jobs } = session();
    const folder = folders.get(id);
    const to = folder && destinationOf(folder.rule);
    return { to, files: to ? jobs.storedElsewhere(id, shelfOf(to)) : [] };
  }

  return {
    async chooseFiles() {
      const paths = (await desktop.chooseFiles?.()) ?? [];
      for (const path of paths) places.show(path);
      const { jobs } = session();
      const files = paths.map(async (path) => {
        // What its disk does not say is not waited for.
        const found = await ask(diskOf(jobs, path), () => look(path)).catch(() => undefined);
        const sizeBytes = found?.kind === 'file' ? found.sighting.sizeBytes : null;
        return { path, name: basename(path), sizeBytes };
      });
      return { files: await Promise.all(files) };
    },
    async uploadFiles({ paths, to }) {
      for (const path of paths) places.assertGiven(path);
      return take(paths, to);
    },
    async storedElsewhere({ id }) {
      const { files } = elsewhere(id);
      const paths = new Set(files.map(({ path }) => path));
      return { files: paths.size, owners: [...new Set(files.map(({ owner }) => owner))] };
    },
    async sendStoredElsewhere({ id }) {
      const { to, files } = elsewhere(id);
      const paths = [...new Set(files.map(({ path }) => path))];
      if (!to || paths.length === 0) return { taken: 0, left: [] };
      const { left } = await take(paths, to);
      return { taken: paths.length - left.length, left };
    },
  };
}
