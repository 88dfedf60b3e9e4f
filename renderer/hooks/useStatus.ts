import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';

/** The engine's state as a whole. Events refresh it; the slow interval is for an event that was lost. */
export function useStatus() {
  return useQuery({
    queryKey: ['status'],
    queryFn: () => api.getStatus({}),
    refetchInterval: 10_000,
  });
}
