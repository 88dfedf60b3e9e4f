import { formatTime, isoTime, printable } from '#shared/format.ts';
import { historyNames, historyText, type HistoryLine } from '#shared/api/history.ts';
import { historyTable } from '../../engine/window/history-table.ts';
import { historyStore } from '../../engine/store/history.ts';
import { saveNew } from '../save-new.ts';
import { whole } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

type Options = Readonly<{ class?: string; limit: number; csv?: string }>;

export const history: Verb = (program, run) => {
  program
    .command('history')
    .option('--class <id>', 'only recordings of this class')
    .option('--limit <n>', 'so many at most, the newest', whole(1), 100)
    .option('--csv <file>', 'all of it as a table for other programs')
    .action(
      run(async (context, { class: asked, limit, csv }: Options) => {
        const { output } = context;
        const classId = asked ?? null;
        const store = historyStore(context.home().database, Date.now);
        if (csv !== undefined) {
          const path = context.toPath(csv);
          await saveNew(path, historyTable(store.each(classId)));
          output.answer({ path }, `Saved ${printable(path)}.`);
          return EXIT.done;
        }
        const lines = store.page(classId, 0, limit).toReversed();
        output.answer(
          { history: store.each(classId).slice(-limit).map(view), total: store.total(classId) },
          lines.map(text).join('\n') || 'Nothing has happened here yet.',
        );
        return EXIT.done;
      }),
    );
};

function text(line: HistoryLine): string {
  const names = historyNames(line);
  const more = names === null ? '' : ` (${names})`;
  return `${formatTime(line.atMs)}  ${printable(historyText(line, formatTime) + more)}`;
}

function view(line: HistoryLine) {
  const { atMs, kind, names, classId, code } = line;
  return {
    at: isoTime(atMs),
    kind,
    name: names[0] ?? null,
    classId,
    code,
    text: historyText(line, isoTime),
  };
}
