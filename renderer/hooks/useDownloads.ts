import { useQuery, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { printable } from '#shared/format.ts';
import type { DownloadView } from '#shared/api/stored.ts';
import { api } from '../api.ts';

const NAME = ['downloads'];
/** For an event that was lost. */
const ASK_EVERY_MS = 2_000;

/** Those on their way and those that have ended, the latest last. */
export function useDownloads(): readonly DownloadView[] {
  const { data } = useQuery({
    queryKey: NAME,
    queryFn: () => api.listDownloads({}),
    refetchInterval: ({ state }) =>
      state.data?.some((download) => download.state === 'running') ? ASK_EVERY_MS : false,
  });
  return data ?? [];
}

/** Puts what an event told in its place in the list, where one is cached. */
export function showDownload(client: QueryClient, told: DownloadView): void {
  client.setQueryData<DownloadView[]>(NAME, (list) => {
    if (told.state === 'cancelled') return list?.filter(({ id }) => id !== told.id);
    const isKnown = list?.some(({ id }) => id === told.id) ?? true;
    return isKnown ? list?.map((old) => (old.id === told.id ? told : old)) : [...list!, told];
  });
}

/** Says that a download has arrived, whatever page is open by then. */
export function useDownloadNews(show: (text: string) => void): (download: DownloadView) => void {
  return useCallback(
    ({ state, path, verified }) => {
      if (state !== 'done') return;
      const where = printable(path);
      show(
        verified
          ? `Downloaded and compared: ${where}`
          : `Downloaded to ${where}. There was nothing to compare it with.`,
      );
    },
    [show],
  );
}
