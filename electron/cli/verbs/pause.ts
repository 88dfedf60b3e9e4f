import { Argument } from 'commander';
import { pauseEndMs, pauseLengths, type PauseLength } from '#shared/pause.ts';
import { pausedNow, savePause } from '../../engine/queue/pause.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../output.ts';
import type { Verb } from '../program.ts';
import { standstillText } from '../standstill.ts';

export const pause: Verb = (program, run) => {
  program
    .command('pause')
    .addArgument(
      new Argument('[until]', 'for an hour, until tomorrow at 07:00, or until it is resumed')
        .choices(pauseLengths)
        .default('resumed'),
    )
    .action(
      run((context, until: PauseLength) =>
        change(context, { untilMs: pauseEndMs(until, Date.now()) }),
      ),
    );

  program.command('resume').action(run((context) => change(context, null)));
};

async function change(
  context: Context,
  wanted: Parameters<typeof savePause>[1],
): Promise<ExitCode> {
  const { database } = context.home();
  const nowMs = Date.now();
  savePause(database, wanted, nowMs);
  const stands = pausedNow(database, nowMs);
  const until = wanted?.untilMs ? new Date(wanted.untilMs).toISOString() : null;
  context.output.answer(
    { isPaused: stands !== undefined, until },
    stands ? `${standstillText(stands)}\n${HEEDED}` : 'The pause has ended.',
  );
  return EXIT.done;
}

const HEEDED =
  'The app and watch wait, and still take recordings in. sync, upload and migrate run send anyway, and meanwhile whatever else waits.';
