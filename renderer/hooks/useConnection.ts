import { useQuery } from '@tanstack/react-query';
import { api } from '../api.ts';

/** Which storage is set. It is asked for once, until something is saved: what is being typed is not to be replaced. */
export const useConnection = () =>
  useQuery({
    queryKey: ['connection'],
    queryFn: () => api.getConnection({}),
    staleTime: Number.POSITIVE_INFINITY,
  });
