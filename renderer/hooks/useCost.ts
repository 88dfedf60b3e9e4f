import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { DeletedMark } from '#shared/api/deleted.ts';
import { joined, type StoredSums } from '#shared/cost/stored.ts';
import { api } from '../api.ts';

const once = { gcTime: 0, retry: false, refetchOnWindowFocus: false } as const;

/**
 * What the storage holds: the last listing at once; old versions and unfinished uploads as they are found. These
 * take a request for each thousand, so that they are asked for by a person (`lookAgain`), and not for a new price.
 *
 * @param place The storage: nothing of another one is shown meanwhile.
 */
export function useCost(place: string) {
  const client = useQueryClient();
  const cost = useQuery({
    queryKey: ['cost', 'stored', place],
    queryFn: () => api.getCost({}),
    ...once,
  });
  const old = useInfiniteQuery({
    queryKey: ['cost-kept', 'old', place],
    queryFn: ({ pageParam }) => api.countOldVersions({ from: pageParam }),
    initialPageParam: null as DeletedMark | null,
    getNextPageParam: ({ next }) => next,
    ...once,
  });
  const unfinished = useQuery({
    queryKey: ['cost-kept', 'unfinished', place],
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
    lookAgain: () => void client.invalidateQueries({ queryKey: ['cost-kept'] }),
    old: {
      sums: pages.reduce<StoredSums>((sums, page) => joined(sums, page.sums), {}),
      looked: pages.reduce((sum, { looked }) => sum + looked, 0),
      isLooking: isFetching || (!isError && hasNextPage),
      error: old.error,
    },
  };
}
