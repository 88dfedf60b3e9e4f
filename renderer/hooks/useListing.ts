import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../api.ts';
import { useAction } from './useAction.ts';
import { useStatus } from './useStatus.ts';

/**
 * When the bucket was listed, and the way to list it again. A bucket that was never listed is, once.
 *
 * @param learnsNames Asks for the names that are not known, one paid request each.
 */
export function useListing({ learnsNames = true } = {}) {
  const { data: status } = useStatus();
  const isOpen = status?.mode === 'ready' || status?.mode === 'demo';
  const { data } = useQuery({
    queryKey: ['objects', 'indexed'],
    queryFn: () => api.listObjects({ owner: null, words: '', offset: 0, limit: 1 }),
    enabled: isOpen,
  });
  const refresh = useAction(() => api.refreshObjects({}), {
    changes: ['owners', 'objects', 'names', 'storage-facts', 'cost'],
  });
  const indexedAtMs = data?.indexedAtMs;
  const { isIdle, mutate } = refresh;
  useEffect(() => {
    if (indexedAtMs === null && isIdle) mutate(undefined);
  }, [indexedAtMs, isIdle, mutate]);
  const unnamed = useNames(
    learnsNames && isOpen && typeof indexedAtMs === 'number' && !refresh.isPending,
  );
  return { isOpen, indexedAtMs, unnamed, refresh };
}

/** So long others have their turn between thousands of names and the next. */
const PAUSE_MS = 200;
/** And so long the storage, when it has not answered. */
const FAILED_PAUSE_MS = 30_000;

/** Learns the names that only the storage knows, as long as there are any. @returns How many are left. */
function useNames(mayAsk: boolean): number {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['names'],
    async queryFn() {
      const names = await api.learnNames({});
      if (names.learned > 0) void client.invalidateQueries({ queryKey: ['objects'] });
      return names;
    },
    enabled: mayAsk,
    staleTime: 0,
    refetchOnWindowFocus: false,
    // What came before a failure is still there beside it.
    refetchInterval: ({ state: { data: last, status } }) => {
      if (status === 'error') return FAILED_PAUSE_MS;
      return last && last.learned > 0 && last.unnamed > 0 ? PAUSE_MS : false;
    },
  });
  return data?.unnamed ?? 0;
}
