import { Argument, InvalidArgumentError } from 'commander';
import { AppError } from '#shared/errors.ts';
import { megabitWords, uploadMegabits, uploadSpeed } from '#shared/upload-limit.ts';
import { readWeek, weekText } from '#shared/upload-week.ts';
import {
  setUploadLimit,
  setWaitsOnBattery,
  uploadLimit as limitNow,
  waitsOnBattery,
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
    .description('from now on and at all times, also for an app or a watch that runs')
    .action(run((context, megabits: number) => change(context, { megabits, week: null })));

  verb
    .command('week')
    .argument('<hours>', 'such as "Mon-Fri 08-16 off, Sat 10-12 limited"', parseWeek)
    .option('--limit <megabits>', 'of the limited hours, if not the one that is set', parseMegabits)
    .description(
      'by the hour: full, limited or off; what is not named is full. For the app and watch: sync, upload and migrate run send anyway',
    )
    .action(
      run((context, week: string, { limit }: { limit?: number }) => {
        const megabits = limit ?? limitNow(context.env, () => context.home().database).megabits;
        if (!uploadSpeed.safeParse({ megabits, week }).success)
          throw new AppError('usage', 'Say with --limit how fast the limited hours are');
        return change(context, { megabits, week });
      }),
    );

  verb
    .command('off')
    .description('no limit and no timetable; battery stays as it is')
    .action(run((context) => change(context, { megabits: null, week: null })));

  verb
    .command('battery')
    .addArgument(
      new Argument('<what>', 'while this computer is not plugged in').choices(ON_BATTERY),
    )
    .description('on battery the app, serve and watch wait, or send')
    .action(
      run((context, what: string) => {
        setWaitsOnBattery(context.home().database, what === 'wait');
        return show(context);
      }),
    );
};

const ON_BATTERY = ['wait', 'send'] as const;

async function show(context: Context): Promise<ExitCode> {
  const { database } = context.home();
  const { week, ...limit } = limitNow(context.env, () => database);
  const told = { ...limit, week: week === null ? null : weekText(week) };
  const onBattery = waitsOnBattery(database) ? 'wait' : 'send';
  const battery = onBattery === 'wait' ? `\n${batteryText(context.isOnBattery())}` : '';
  context.output.answer({ ...told, onBattery }, `${text(told)}${battery}`);
  return EXIT.done;
}

function change(context: Context, speed: Omit<UploadLimitView, 'isFixed'>): Promise<ExitCode> {
  setUploadLimit(context.env, context.home().database, speed);
  return show(context);
}

function batteryText(isOnBattery: boolean | undefined): string {
  const told = 'They wait while this computer runs on battery';
  return isOnBattery === undefined ? `${told}, where that can be told: not from here.` : `${told}.`;
}

/** For commander. */
function parseMegabits(given: string): number {
  const parsed = uploadMegabits.safeParse(Number(given));
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(
    'It must be a number from 0.1 to 100000. As fast as the network allows: upload-limit off.',
  );
}

/** For commander. */
function parseWeek(given: string): string {
  const week = readWeek(given);
  if (week !== undefined) return week;
  throw new InvalidArgumentError(
    'Write days, hours and what holds then, such as "Mon-Fri 08-16 off, Sat 10-12 limited". Some hour has to let recordings through.',
  );
}

/** @param week In words. */
function text({ megabits: limit, week, isFixed }: UploadLimitView): string {
  if (week !== null) {
    if (week === '') return 'By the hour: full at all times.';
    const limited = limit === null ? '' : ` Limited hours: ${megabitWords(limit)}.`;
    return `By the hour: ${week}. All other hours are full.${limited}`;
  }
  return limit === null
    ? 'Uploads are as fast as the network allows.'
    : `Uploads are held to ${megabitWords(limit)}${isFixed ? ', by PANSEA_UPLOAD_LIMIT in the environment' : ''}.`;
}
