import { useQuery } from '@tanstack/react-query';
import { deniedOf } from '#shared/report.ts';
import type { turnedOff } from '#shared/troubles/refusal-troubles.ts';
import { api } from '../api.ts';

/** Whether the last test of the connection found that this account may not do it. */
export function useDenied(action: keyof typeof turnedOff): boolean {
  const { data } = useQuery({
    queryKey: ['storage-facts'],
    queryFn: () => api.getStorageFacts({}),
  });
  return data?.test ? deniedOf(data.test.report).includes(action) : false;
}
