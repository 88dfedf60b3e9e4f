import { useQuery, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { MigrationView, WorkView } from '#shared/api/migration-view.ts';
import { api } from '../api.ts';
import { endText } from '../words/migration.ts';

const NAME = ['migration'];
/** For an event that was lost. */
const ASK_EVERY_MS = 2_000;

export function useMigration() {
  return useQuery({
    queryKey: NAME,
    queryFn: () => api.getMigration({}),
    refetchInterval: ({ state }) => (state.data?.working ? ASK_EVERY_MS : false),
  });
}

/** Puts on screen how far a step is; at its end all of it is asked for anew. */
export async function showMigration(
  client: QueryClient,
  working: WorkView | null,
  onEnd: (migration: MigrationView) => void,
): Promise<void> {
  if (working !== null)
    return void client.setQueryData<MigrationView>(NAME, (now) => now && { ...now, working });
  await client.cancelQueries({ queryKey: NAME });
  void client.invalidateQueries({ queryKey: ['migration-names'] });
  void client.invalidateQueries({ queryKey: ['migration-plans'] });
  try {
    const query = { queryKey: NAME, queryFn: () => api.getMigration({}), staleTime: 0 };
    onEnd(await client.fetchQuery(query));
  } catch {
    // The page says so where it is open.
  }
}

/** Says how a step has ended, whatever page is open by then. */
export function useMigrationNews(say: (text: string) => void) {
  return useCallback(
    ({ ended }: MigrationView) => void (ended && say(`Archive: ${endText(ended)}`)),
    [say],
  );
}
