import { count, formatBytes, formatNumber, printable } from '#shared/format.ts';
import { remedyOf, wordsOf } from '#shared/troubles/catalogue.ts';
import { AppError } from '#shared/errors.ts';
import type { Job } from '../../engine/store/jobs.ts';
import {
  classOption,
  destinationFrom,
  kindOption,
  userOption,
  type PlaceOptions,
} from '../options.ts';
import { EXIT, exitCodeFor } from '../output.ts';
import { presentEvents, reasonText } from '../present.ts';
import type { Verb } from '../program.ts';
import { tellSendsNow } from '../standstill.ts';

export const upload: Verb = (program, run) => {
  program
    .command('upload <file...>')
    .addOption(classOption())
    .addOption(kindOption())
    .addOption(userOption())
    .action(
      run(async (context, files: string[], options: PlaceOptions) => {
        const { output, signal } = context;
        const to = destinationFrom(options);
        const paths = files.map(context.toPath);
        const { engine, home } = await context.engine();
        tellSendsNow(context, home.database);
        if (!output.json) engine.events.on(presentEvents(output));
        const outcomes = await engine.uploadNow(paths, to, signal).catch((error: unknown) => {
          // What waits in the queue goes on; what no job was made for yet is nobody's.
          if (signal.aborted)
            output.note(
              'A file that was still waiting to be quiet is not remembered: upload it again.',
              true,
            );
          throw error;
        });
        await engine.hook.settled(signal);
        output.progress('');
        const results = outcomes.map((outcome, i) => resultOf(paths[i]!, outcome));
        const verified = results.filter(({ state }) => state === 'verified');
        const troubles = results.filter(({ state }) => state !== 'verified');
        const lines = troubles.map(
          ({ path, reason }) => `${printable(path)}: ${reason ?? 'not uploaded yet'}`,
        );
        const bytes = verified.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
        const size = bytes > 0 ? ` (${formatBytes(bytes)})` : '';
        lines.push(
          `${formatNumber(verified.length)} of ${count(results.length, 'file')} uploaded and verified${size}.`,
        );
        output.answer({ results }, lines.join('\n'));
        const [only] = outcomes;
        // One file, one answer: what kept it from going is what the process says.
        if (outcomes.length === 1 && only instanceof AppError) return exitCodeFor(only);
        return troubles.length > 0 ? EXIT.someFailed : EXIT.done;
      }),
    );
};

/** What nobody knows of a file that no job was made for. */
const unsent = { key: null, sizeBytes: null, sha256: null } as const;

function resultOf(path: string, outcome: Job | AppError) {
  if (outcome instanceof AppError)
    return {
      path,
      state: 'failed',
      ...unsent,
      code: outcome.code,
      reason: `${wordsOf(outcome.code, 'cli').title}. ${remedyOf(outcome.code, 'cli')}`,
    };
  const { state, key = null, sizeBytes, fingerprint } = outcome;
  const code = 'code' in state ? (state.code ?? undefined) : undefined;
  return {
    path,
    state: state.kind,
    key,
    sizeBytes,
    sha256: fingerprint?.sha256 ?? null,
    code,
    reason: reasonText(outcome),
  };
}
