import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { DeletedMark } from '#shared/api/deleted.ts';
import { joined, type StoredSums } from '#shared/cost/stored.ts';
import { api } from '../api.ts';

const once = { gcTime: 0, retry: false, refetchOnWindowFocus: false } as const;

/** What the storage holds: the last listing at once; old versions and unfinished uploads as they are found. */
export function useCost() {
  const cost = useQuery({ queryKey: ['cost', 'stored'], queryFn: () => api.getCost({}), ...once });
  const old = useInfiniteQuery({
    queryKey: ['cost', 'old'],
    queryFn: ({ pageParam }) => api.countOldVersions({ from: pageParam }),
    initialPageParam: null as DeletedMark | null,
    getNextPageParam: ({ next }) => next,
    ...once,
  });
  const unfinished = useQuery({
    queryKey: ['cost', 'unfinished'],
    queryFn: () => api.countUnfinished({}),
    ...once,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = old;
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [hasNextPage, isFetching, isError, fetchNextPage]);
  const pages = data?.pages ?? [];
  return {
    cost,
    unfinished,
    old: {
      sums: pages.reduce<StoredSums>((sums, page) => joined(sums, page.sums), {}),
      looked: pages.reduce((sum, { looked }) => sum + looked, 0),
      isLooking: isFetching || (!isError && hasNextPage),
      error: old.error,
    },
  };
}
