import { useQuery } from '@tanstack/react-query';
import type { S3Action } from '#shared/policy.ts';
import { api } from '../api.ts';

/** Whether the last test of the connection found that this account may not do it. */
export function useDenied(action: S3Action): boolean {
  const { data } = useQuery({
    queryKey: ['storage-facts'],
    queryFn: () => api.getStorageFacts({}),
  });
  return data?.test?.report.permissions[action] === 'denied';
}
