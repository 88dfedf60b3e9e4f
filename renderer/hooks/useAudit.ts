import { useQuery, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { AuditView } from '#shared/api/ledger.ts';
import { api } from '../api.ts';
import { headline } from '../words/audits.ts';

const NAME = ['audit'];
/** For an event that was lost. */
const ASK_EVERY_MS = 2_000;

export function useAudit() {
  return useQuery({
    queryKey: NAME,
    queryFn: () => api.getAudit({}),
    refetchInterval: ({ state }) => (state.data?.running ? ASK_EVERY_MS : false),
  });
}

export function showAudit(client: QueryClient, audit: AuditView): void {
  client.setQueryData<AuditView>(NAME, audit);
}

/** Says what an audit has found, whatever page is open by then. */
export function useAuditNews(say: (text: string) => void): (audit: AuditView) => void {
  return useCallback(
    ({ running, wasCancelled, trouble, last }) => {
      if (running) return;
      if (trouble) say(`The audit could not be finished. ${trouble.title}.`);
      else if (wasCancelled) say('The audit was cancelled.');
      else if (last) say(`The audit is done. ${headline(last.totals)}`);
    },
    [say],
  );
}
