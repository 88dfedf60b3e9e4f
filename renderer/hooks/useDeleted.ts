import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { ApiOutput } from '#shared/api.ts';
import type { DeletedMark } from '#shared/api/deleted.ts';
import { api } from '../api.ts';
import type { Owner } from '../pages/library/Owners.tsx';

const NO_PAGES: readonly ApiOutput<'listDeleted'>[] = [];

/** What was deleted, as far as it was looked for. Until something is found it is looked further by itself. */
export function useDeleted(owner: Owner | null) {
  const of = owner?.kind && owner.ownerId ? { kind: owner.kind, ownerId: owner.ownerId } : null;
  const query = useInfiniteQuery({
    queryKey: ['deleted', of],
    queryFn: ({ pageParam }) => api.listDeleted({ owner: of, from: pageParam }),
    initialPageParam: null as DeletedMark | null,
    getNextPageParam: ({ next }) => next,
    gcTime: 0,
    retry: false,
  });
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  const pages = data?.pages ?? NO_PAGES;
  const rows = useMemo(
    () => pages.flatMap((page) => page.rows).toSorted((a, b) => b.deletedAtMs - a.deletedAtMs),
    [pages],
  );
  const isNone = rows.length === 0;
  useEffect(() => {
    if (isNone && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [isNone, hasNextPage, isFetching, isError, fetchNextPage]);
  return {
    ...query,
    rows,
    looked: pages.reduce((sum, page) => sum + page.looked, 0),
    versioning: pages[0]?.versioning,
  };
}
