import { Option } from 'commander';
import { printable } from '#shared/format.ts';
import {
  archiveTerms,
  MAX_RESTORE_DAYS,
  restoreCosts,
  restoreSpeeds,
  USUAL_RESTORE_DAYS,
  type Readability,
  type RestoreSpeed,
} from '#shared/restore.ts';
import { readabilityFacts } from '../../engine/library/objects.ts';
import { lookEveryMs, restoreObject, whenReadable } from '../../engine/library/restore.ts';
import { restoreStore } from '../../engine/store/restores.ts';
import { localTime } from '../local-time.ts';
import { objectKey, whole } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

type Options = Readonly<{ days?: number; speed: RestoreSpeed; wait?: boolean }>;

export const restore: Verb = (program, run) => {
  program
    .command('restore')
    .argument('<key>', 'as list shows it', objectKey)
    .option(
      '--days <n>',
      `how long it stays readable; ${USUAL_RESTORE_DAYS} unless said, and for good out of Intelligent-Tiering`,
      whole(1, MAX_RESTORE_DAYS),
    )
    .addOption(
      new Option('--speed <speed>', 'hours (standard), more hours and cheaper (bulk), or minutes')
        .choices([...restoreSpeeds])
        .default('standard'),
    )
    .option('--wait', 'until it is readable, looking every few minutes')
    .action(
      run(async (context, key: string, { days, speed, wait = false }: Options) => {
        const remote = await context.remote();
        const { signal, output } = context;
        const restores = restoreStore(context.home().database);
        const on = { remote, restores, nowMs: Date.now };
        const begun = await restoreObject(on, { key, days, speed }, signal);
        if (begun.kind !== 'readable') {
          for (const cost of restoreCosts(begun.archive, speed)) output.note(cost);
          if (begun.kind === 'restoring')
            output.note(
              `On Amazon S3 this usually takes ${archiveTerms[begun.archive].speeds[speed]}.`,
            );
        }
        const state = wait ? await whenReadable(remote, key, lookEveryMs(speed), signal) : begun;
        output.answer(
          { key, ...readabilityFacts(state) },
          `${printable(key)}: ${stateText(state)}`,
        );
        return EXIT.done;
      }),
    );
};

/** In the middle of a line. */
export function stateText(state: Readability): string {
  switch (state.kind) {
    case 'readable':
      return 'readable';
    case 'restored':
      return `readable until ${localTime(state.untilMs)}, from its archive`;
    case 'restoring':
      return 'being made readable again';
    case 'archived':
      return `in an archive; making it readable takes ${archiveTerms[state.archive].range} on Amazon S3: pansea-sync restore`;
    default:
      return state satisfies never;
  }
}
