import { InvalidArgumentError } from 'commander';
import { megabitWords, uploadMegabits } from '#shared/upload-limit.ts';
import {
  setUploadLimit,
  uploadLimit as limitNow,
  type UploadLimitView,
} from '../../engine/upload/upload-rate.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../output.ts';
import type { Verb } from '../program.ts';

export const uploadLimit: Verb = (program, run) => {
  const verb = program.command('upload-limit');

  verb.command('show', { isDefault: true }).description('what is set').action(run(show));

  verb
    .command('set')
    .argument('<megabits>', 'megabits a second, for all uploads together', parseMegabits)
    .description('from now on, also for an app or a watch that runs')
    .action(run(change));

  verb
    .command('off')
    .description('as fast as the network allows')
    .action(run((context) => change(context, null)));
};

async function show(context: Context): Promise<ExitCode> {
  const limit = limitNow(context.env, () => context.home().database);
  context.output.answer(limit, text(limit));
  return EXIT.done;
}

function change(context: Context, megabits: number | null): Promise<ExitCode> {
  setUploadLimit(context.env, context.home().database, megabits);
  return show(context);
}

/** For commander. */
function parseMegabits(given: string): number {
  const parsed = uploadMegabits.safeParse(Number(given));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(
    'It must be a number from 0.1 to 100000. As fast as the network allows: upload-limit off.',
  );
}

const text = ({ megabits: limit, isFixed }: UploadLimitView): string =>
  limit === null
    ? 'Uploads are as fast as the network allows.'
    : `Uploads are held to ${megabitWords(limit)}${isFixed ? ', by PANSEA_UPLOAD_LIMIT in the environment' : ''}.`;
