/** @file The calls about what happened here. */
import type { Api } from '#shared/api.ts';
import { historyTable } from './history-table.ts';
import { saveText } from './save-text.ts';
import type { Desktop } from '../desktop.ts';
import type { Session } from './session.ts';

export function createHistoryCalls(
  session: () => Session,
  desktop: Desktop,
): Pick<Api, 'listHistory' | 'exportHistory'> {
  return {
    async listHistory({ classId, offset, limit }) {
      const { history } = session();
      return {
        rows: history.page(classId, offset, limit),
        total: history.total(classId),
        classes: history.classes(),
      };
    },
    async exportHistory({ classId }) {
      const table = historyTable(session().history.each(classId));
      return { path: await saveText(desktop, 'Pan-Sea Sync history.csv', table) };
    },
  };
}
