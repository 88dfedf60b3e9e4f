/** @file The calls about the log and the report. They work also while the library cannot be opened: that is when they are needed. */
import type { Database } from 'better-sqlite3';
import { homedir } from 'node:os';
import { v7 } from 'uuid';
import type { Api } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import {
  collectReport,
  zipReport,
  type ReportEntry,
  type ReportSource,
} from '../doctor/diagnostics.ts';
import { switchDetailedLog, wantsDetailedLog } from '../doctor/traced.ts';
import { saveText } from './save-text.ts';
import type { Desktop } from '../desktop.ts';
import type { OpenLog } from '../log.ts';

export type DiagnosticsCalls = Pick<
  Api,
  'getDetailedLog' | 'setDetailedLog' | 'previewReport' | 'saveReport'
>;

export function createDiagnosticsCalls(
  context: Readonly<{
    /** @throws AppError while it cannot be opened. */
    database: () => Database;
    log: OpenLog;
    /** DEBUG says so. */
    isDebug: boolean;
    desktop: Desktop;
    source: () => Omit<ReportSource, 'database' | 'userHome' | 'nowMs'>;
  }>,
): DiagnosticsCalls {
  const { database, log, isDebug, desktop, source } = context;
  let shown: { id: string; entries: ReportEntry[] } | undefined;
  const databaseOrNone = (): Database | undefined => {
    try {
      return database();
    } catch {
      return undefined;
    }
  };
  return {
    async getDetailedLog() {
      const db = databaseOrNone();
      return { isOn: isDebug || (db !== undefined && wantsDetailedLog(db)), isFixed: isDebug };
    },
    async setDetailedLog({ isOn }) {
      switchDetailedLog(database(), isOn);
      log.setDebug(isDebug || isOn);
      log('info', isOn ? 'The detailed log begins' : 'The detailed log ends');
      return {};
    },
    async previewReport() {
      const now = { nowMs: Date.now(), userHome: homedir(), database: databaseOrNone() };
      shown = { id: v7(), entries: await collectReport({ ...source(), ...now }) };
      return shown;
    },
    async saveReport({ id }) {
      if (shown?.id !== id) throw new AppError('usage', 'The report has to be looked at again');
      const name = 'Pan-Sea Sync report.zip';
      return { path: await saveText(desktop, name, zipReport(shown.entries)) };
    },
  };
}
