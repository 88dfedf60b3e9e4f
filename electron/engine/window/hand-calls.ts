/** @file The calls about files that a person sends by hand. */
import { basename } from 'node:path';
import type { Api } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import { look } from '../watch/scan.ts';
import type { Engine } from '../engine.ts';
import type { HandlerContext } from './handlers.ts';

/** @param engine Throws what keeps it from being there. */
export function createHandCalls(
  { desktop, places, signal }: HandlerContext,
  engine: () => Engine,
): Pick<Api, 'chooseFiles' | 'uploadFiles'> {
  return {
    async chooseFiles() {
      const paths = (await desktop.chooseFiles?.()) ?? [];
      for (const path of paths) places.show(path);
      const files = paths.map(async (path) => {
        const found = await look(path);
        const sizeBytes = found.kind === 'file' ? found.sighting.sizeBytes : null;
        return { path, name: basename(path), sizeBytes };
      });
      return { files: await Promise.all(files) };
    },
    async uploadFiles({ paths, to }) {
      for (const path of paths) places.assertGiven(path);
      const results = await engine().takeIn([...new Set(paths)], to, signal);
      const left = paths.flatMap((path) => {
        const result = results.get(path) ?? ('still-changing' as const);
        if (typeof result === 'number') return [];
        const why = result instanceof AppError ? result.code : result;
        // Nothing looks for it any more.
        return [{ path, why: why === 'file-gone' ? 'no-file' : why }];
      });
      return { left };
    },
  };
}
