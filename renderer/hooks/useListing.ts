import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../api.ts';
import { useAction } from './useAction.ts';
import { useStatus } from './useStatus.ts';

/** When the bucket was listed, and the way to list it again. A bucket that was never listed is, once. */
export function useListing() {
  const { data: status } = useStatus();
  const isOpen = status?.mode === 'ready' || status?.mode === 'demo';
  const { data } = useQuery({
    queryKey: ['objects', 'indexed'],
    queryFn: () => api.listObjects({ owner: null, words: '', offset: 0, limit: 1 }),
    enabled: isOpen,
  });
  const refresh = useAction(() => api.refreshObjects({}), {
    changes: ['owners', 'objects', 'storage-facts', 'cost'],
  });
  const indexedAtMs = data?.indexedAtMs;
  const { isIdle, mutate } = refresh;
  useEffect(() => {
    if (indexedAtMs === null && isIdle) mutate(undefined);
  }, [indexedAtMs, isIdle, mutate]);
  return { isOpen, indexedAtMs, refresh };
}
