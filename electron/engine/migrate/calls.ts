/** @file The calls about a migration. */
import { basename } from 'node:path';
import type { Api } from '#shared/api.ts';
import { AppError } from '#shared/errors.ts';
import type { migrationListCalls } from '#shared/api/migration-lists.ts';
import type { migrationCalls } from '#shared/api/migration-view.ts';
import { rollbackName } from '#shared/migration/references.ts';
import type { HandlerContext } from '../window/handlers.ts';
import { saveText } from '../window/save-text.ts';
import { writeReceipts } from './receipts.ts';
import { receiptsVerifier } from './receipts-verifier.ts';
import { writeReferences } from './references.ts';
import { writeReport } from './report.ts';

export function createMigrationCalls(
  context: Pick<HandlerContext, 'session' | 'desktop' | 'places' | 'nowMs'>,
): Pick<Api, keyof typeof migrationCalls | keyof typeof migrationListCalls> {
  const { desktop, places, nowMs } = context;
  const migrations = () => context.session().migrations;
  const savePath = (id: string, ending: string) => {
    const { root } = migrations().mustPlan(id);
    return desktop.chooseSavePath(`${basename(root) || 'archive'} ${ending}`, () => false);
  };

  return {
    async getMigration() {
      // As a person has said for a folder: the computer's own account may be everybody's.
      const userId = context.session().folders.list().at(-1)?.rule.userId ?? '';
      return { ...(await migrations().view()), userId };
    },
    async chooseFile({ what }) {
      const path = await desktop.chooseFile?.(what);
      if (path !== undefined) places.show(path);
      return { path: path ?? null };
    },
    async planMigration(asked) {
      const { root, mapping, timetable } = asked;
      for (const path of [root, mapping, timetable?.file])
        if (typeof path === 'string') await places.assertShown(path);
      migrations().plan(asked);
      return {};
    },
    async openPlan({ file }) {
      await places.assertShown(file);
      migrations().open(file);
      return {};
    },
    async compareBackup(asked) {
      await places.assertShown(asked.path);
      await migrations().compareBackup(asked);
      return {};
    },
    async lookForDrift(asked) {
      await migrations().lookForDrift(asked);
      return {};
    },
    async runMigration(asked) {
      await migrations().run(asked);
      return {};
    },
    async verifyMigration(asked) {
      await migrations().verify(asked);
      return {};
    },
    async quarantineFiles(asked) {
      await migrations().quarantine(asked);
      return {};
    },
    async purgeFiles(asked) {
      await migrations().purge(asked);
      return {};
    },
    async putFilesBack(asked) {
      await migrations().undo(asked);
      return {};
    },
    async stopMigration() {
      migrations().stopStep();
      return {};
    },
    async noteBackup(asked) {
      await migrations().noteBackup(asked);
      return {};
    },
    surveyCleanup: (asked) => migrations().survey(asked),
    async saveReferences({ plan: id, prefix, ...asked }) {
      const update = await savePath(id, `references.${asked.format}`);
      if (update === undefined) return { files: null };
      const rollback = rollbackName(update, asked.format);
      const files = { update, rollback, prefix: prefix ?? undefined };
      const { look, mustPlan } = migrations();
      const written = await look(() =>
        writeReferences(migrations(), mustPlan(id), { ...asked, ...files }),
      );
      return { files: { update, rollback, ...written } };
    },
    async saveMigrationReport({ plan: id, format }) {
      const path = await savePath(id, `report.${format}`);
      if (path === undefined) return { path: null };
      const { plans, jobs, mustPlan } = migrations();
      await writeReport({ jobs, plans, nowMs }, mustPlan(id), format, path);
      return { path };
    },
    async saveHashList({ plan: id, format, hash }) {
      // Readers want the folder by this name, right in the archive.
      const out =
        format === 'ascmhl'
          ? await desktop.chooseSavePath('ascmhl', () => false)
          : await savePath(id, 'hashes.mhl');
      if (out === undefined) return { path: null };
      migrations().hashList(id, { format, hash, out });
      return { path: out };
    },
    async saveVerifier() {
      return { path: await saveText(desktop, 'verify-receipts.mjs', receiptsVerifier()) };
    },
    async saveReceipts({ plan: id }) {
      const path = await savePath(id, 'receipts.jsonl');
      if (path === undefined) return { path: null, receipts: 0, head: '' };
      const { plans, homePath, mustPlan } = migrations();
      return { path, ...(await writeReceipts(plans, mustPlan(id), homePath, path)) };
    },
    listPlans: async (asked) => migrations().known(asked),
    getPlanStanding: async ({ plan: id }) => ({ standing: await migrations().standingOf(id) }),
    async showPlan({ plan: id }) {
      migrations().show(id);
      return {};
    },
    listNamed: (asked) => migrations().listed(asked),
    async saveNamed({ plan: id, list, why }) {
      const path = await savePath(id, `${why}.csv`);
      if (path === undefined) return { path: null };
      await migrations().saveListed(id, { list, why }, path);
      return { path };
    },
    async revealPlan({ plan: id }) {
      const { file } = migrations().mustPlan(id);
      if (!desktop.revealFile) throw new AppError('not-supported', 'A browser shows no folders');
      desktop.revealFile(file);
      return {};
    },
  };
}
