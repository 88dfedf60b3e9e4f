import { wordsOf } from '#shared/troubles/catalogue.ts';
import type { AppError } from '#shared/errors.ts';
import { count, dateColumn, formatBytes, printable } from '#shared/format.ts';
import { endOwed, listUnfinished, type UnfinishedUpload } from '../../engine/upload/unfinished.ts';
import { jobStore } from '../../engine/store/jobs.ts';
import { uploadStore } from '../../engine/store/uploads.ts';
import type { Context } from '../context.ts';
import { errorView, EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

type Options = Readonly<{ abort?: boolean; others?: boolean }>;

export const unfinished: Verb = (program, run) => {
  program
    .command('unfinished')
    .option('--abort', 'end those of this computer that no recording needs')
    .option('--others', 'name those of others, too: whose they are, and what they hold')
    .action(
      run(async (context, { abort = false, others = false }: Options) => {
        const { database, path } = abort ? context.lockedHome() : context.home();
        const nowMs = Date.now;
        const parties = {
          remote: await context.remote(),
          jobs: jobStore(database, nowMs),
          uploads: uploadStore(database, nowMs),
        };
        const { signal } = context;
        const outcome = abort
          ? await endOwed({ ...parties, nowMs, log: await context.log(path) }, signal)
          : undefined;
        if (outcome?.trouble?.scope === 'storage') throw outcome.trouble;
        const { uploads, trouble } = await listUnfinished(parties, signal, others);
        if (trouble?.scope === 'storage') throw trouble;
        const troubles = [outcome?.trouble, trouble].filter((found) => found !== undefined);
        tell(context, uploads, { ended: outcome?.ended, troubles, namesOthers: others });
        for (const { code, title } of troubles)
          context.output.note(`${title}. ${wordsOf(code, 'cli').todo}`, true);
        if (trouble) context.output.note('What is listed is what this computer remembers.', true);
        return troubles.length > 0 ? EXIT.someFailed : EXIT.done;
      }),
    );
};

function tell(
  { output }: Context,
  uploads: readonly UnfinishedUpload[],
  {
    ended,
    troubles,
    namesOthers,
  }: Readonly<{ ended: number | undefined; troubles: readonly AppError[]; namesOthers: boolean }>,
): void {
  const ours = uploads.filter((upload) => upload.ours);
  const bytes = ours.reduce((sum, upload) => sum + (upload.bytes ?? 0), 0);
  const others = uploads.filter((upload) => !upload.ours);
  const lines = [
    ended === undefined ? undefined : `${count(ended, 'unfinished upload')} ended.`,
    ours.length === 0
      ? 'No unfinished upload of this computer.'
      : `${count(ours.length, 'unfinished upload')} of this computer, ${formatBytes(bytes)}:`,
    ...ours.map(line),
    ...othersLines(others, namesOthers),
  ];
  output.answer(
    {
      uploads: uploads.map(
        ({ key, uploadId, ours: isOurs, isNeeded, startedAtMs, bytes: held, ...more }) => ({
          key,
          uploadId,
          ours: isOurs,
          needed: isNeeded,
          startedAt: new Date(startedAtMs).toISOString(),
          bytes: held,
          elsewhere: more.elsewhere,
          ...(more.initiator !== null && { initiator: more.initiator }),
        }),
      ),
      ...(ended === undefined ? {} : { ended }),
      // What could not be listed, or ended: the list is not the whole then.
      ...(troubles.length > 0 && { troubles: troubles.map((trouble) => errorView(trouble)) }),
    },
    lines.filter((text) => text !== undefined).join('\n'),
  );
}

function line({ key, isNeeded, startedAtMs, bytes, elsewhere }: UnfinishedUpload): string {
  const size = bytes === null ? '' : formatBytes(bytes);
  const here = isNeeded ? 'goes on by itself' : 'is ended by itself, or now with --abort';
  const fate =
    elsewhere === null
      ? here
      : `is in another bucket, and is ended when the settings name that again: ${printable(elsewhere)}`;
  return `  ${dateColumn(startedAtMs)}  ${size.padStart(10)}  ${printable(key)}  ${fate}`;
}

/** Nothing here ends them: whoever began one may be sending it at this moment. */
function othersLines(others: readonly UnfinishedUpload[], namesOthers: boolean): string[] {
  if (others.length === 0) return [];
  const all = `${count(others.length, 'unfinished upload')} of others, never touched`;
  if (!namesOthers) return [`${all}: --others names them.`];
  const oldestFirst = others.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  const lines = oldestFirst.map(({ key, startedAtMs, bytes, initiator }) => {
    const size = bytes === null ? '' : formatBytes(bytes);
    const who = initiator === null ? '' : `  by ${printable(initiator)}`;
    return `  ${dateColumn(startedAtMs)}  ${size.padStart(10)}  ${printable(key)}${who}`;
  });
  const way = 'A rule of the bucket can end what nobody goes on with: pansea-sync bucket.';
  return [`${all}:`, ...lines, way];
}
