import { useQuery } from '@tanstack/react-query';
import type { ObjectView } from '#shared/api/stored.ts';
import { api } from '../api.ts';

/** A row that is only scrolled past is not asked for. */
const RESTING_MS = 300;
const STALE_MS = 5 * 60_000;
/** A restore takes hours; while nobody looks at the window, nobody asks. */
export const RESTORING_LOOK_MS = 5 * 60_000;

type Shelf = ObjectView['shelf'];

/**
 * Whether an archived object of a row can be read by now. A listing does not tell, others may have asked for it, and
 * it comes out meanwhile: the storage is asked about the rows that are on the screen. Where it does not say, it is as
 * the listing has it.
 */
export function useShelf({ key, shelf }: ObjectView): Shelf {
  const isOpen = shelf === 'archived' || shelf === 'restoring';
  const shown = (answer: Readonly<{ shelf: Shelf }> | undefined): Shelf => {
    // A storage of many machines may not say at once that it has begun.
    const isOld = shelf === 'restoring' && answer?.shelf === 'archived';
    return isOpen && answer && !isOld ? answer.shelf : shelf;
  };
  const { data } = useQuery({
    queryKey: ['shelf', key],
    async queryFn({ signal }) {
      await resting(signal);
      return api.getShelf({ key });
    },
    enabled: isOpen,
    staleTime: STALE_MS,
    retry: false,
    refetchInterval: ({ state }) => (shown(state.data) === 'restoring' ? RESTORING_LOOK_MS : false),
  });
  return shown(data);
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
