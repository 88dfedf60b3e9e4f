import { useQuery } from '@tanstack/react-query';
import type { ObjectView } from '#shared/api/stored.ts';
import { api } from '../api.ts';

/** A row that is only scrolled past is not asked for. */
const RESTING_MS = 300;
const STALE_MS = 5 * 60_000;

/**
 * Whether an archived object of a row can be read by now. A listing does not tell, and others may have asked for it:
 * the storage is asked about the rows that are on the screen. Where it does not say, it is as the listing has it.
 */
export function useShelf({ key, shelf }: ObjectView): ObjectView['shelf'] {
  const asked = useQuery({
    queryKey: ['shelf', key],
    async queryFn({ signal }) {
      await resting(signal);
      return api.getShelf({ key });
    },
    enabled: shelf === 'archived',
    staleTime: STALE_MS,
    retry: false,
  });
  return shelf === 'archived' && asked.data ? asked.data.shelf : shelf;
}

function resting(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, RESTING_MS);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
