/** @file The calls about the virus scanner. Which program runs here is not a page's to say: the host asks in a dialog of its own. */
import type { Database } from 'better-sqlite3';
import type { Api } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import type { Desktop } from '../desktop.ts';
import { findScanner } from './find.ts';
import { readVirusScan, saveVirusScan } from './virus-scan.ts';

export type VirusScanCalls = Pick<Api, 'getVirusScan' | 'setVirusScan'>;

export function createVirusScanCalls(
  context: Readonly<{
    database: () => Database;
    desktop: Desktop;
    signal: AbortSignal;
    onChange: () => void;
  }>,
): VirusScanCalls {
  const { database, desktop, signal, onChange } = context;
  return {
    async getVirusScan() {
      const found = await findScanner();
      return {
        scan: readVirusScan(database()) ?? null,
        found: found ?? null,
        canSet: desktop.confirmScanner !== undefined,
      };
    },
    async setVirusScan({ scan }) {
      if (!desktop.confirmScanner)
        throw new AppError('usage', 'From a browser no program of this computer can be chosen');
      if (!(await desktop.confirmScanner(scan?.command))) return { isSet: false };
      await saveVirusScan(database(), scan ?? undefined, signal);
      onChange();
      return { isSet: true };
    },
  };
}
