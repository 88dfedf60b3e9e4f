import { useEffect, useState } from 'react';
import { PREVIEW_PATH } from '#shared/preview.ts';
import { api } from '../api.ts';
import { useAction } from './useAction.ts';

/** Out of the page, a player would go on reading until the browser happens to tidy up. */
export function endPlayer(player: HTMLMediaElement | null): (() => void) | undefined {
  if (player === null) return undefined;
  return () => {
    player.removeAttribute('src');
    player.load();
  };
}

/** A look into one object: nothing of it is read before `start`, nor after the page has left it. */
export function usePreview(objectKey: string) {
  const [id, setId] = useState<string>();
  const start = useAction(() => api.startPreview({ key: objectKey }), {
    changes: [],
    onDone: (made) => {
      failure.reset();
      setId(made.id);
    },
  });
  /** A player only says that it cannot go on; what became of the preview says why. */
  const failure = useAction(api.getPreview, { changes: [], onDone: () => setId(undefined) });
  useEffect(
    () => () => {
      // Where nothing answers any more, there is nothing left to be ended.
      if (id !== undefined) void api.endPreview({ id }).catch(() => {});
    },
    [id],
  );
  return {
    /** Of the page's own address; `undefined` while nothing is shown. */
    path: id === undefined ? undefined : PREVIEW_PATH + id,
    isStarting: start.isPending,
    start: () => start.mutate(undefined),
    stop: () => setId(undefined),
    /** The player could not begin, or not go on. */
    onFailed: () => id !== undefined && failure.mutate({ id }),
    /** What kept it from being shown: an error, or what became of a preview that was open. */
    error: start.error ?? failure.error,
    broken: failure.data,
  };
}
