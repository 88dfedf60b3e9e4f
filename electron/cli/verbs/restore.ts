import { Option } from 'commander';
import { AppError } from '#shared/errors.ts';
import { formatTime, printable } from '#shared/format.ts';
import {
  archiveTerms,
  MAX_RESTORE_DAYS,
  restoreCosts,
  restoreSpeeds,
  USUAL_RESTORE_DAYS,
  type Readability,
  type RestoreSpeed,
} from '#shared/restore.ts';
import { mustLook, readabilityFacts } from '../../engine/library/objects.ts';
import { lookEveryMs, restoreObject, whenReadable } from '../../engine/library/restore.ts';
import { restoreStore } from '../../engine/store/restores.ts';
import { objectKeys, whole } from '../options.ts';
import { EXIT, type Output } from '../output.ts';
import type { Verb } from '../program.ts';

type Options = Readonly<{ days?: number; speed: RestoreSpeed; wait?: boolean; yes?: boolean }>;

export const restore: Verb = (program, run) => {
  program
    .command('restore')
    .argument('<key...>', 'as list shows it', objectKeys)
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
    .option('--yes', 'with several: ask for all of them')
    .action(
      run(async (context, keys: string[], options: Options) => {
        const remote = await context.remote();
        const [key, ...others] = new Set(keys);
        if (key === undefined || others.length > 0) {
          const { restoreSeveral } = await import('./restore-several.ts');
          return restoreSeveral(context, remote, [...new Set(keys)], options);
        }
        const { days, speed, wait = false } = options;
        const { signal, output } = context;
        const restores = restoreStore(context.home().database);
        const on = { remote, restores, nowMs: Date.now };
        noteTerms(output, (await mustLook(remote, key, signal)).readability, speed);
        const begun = await restoreObject(on, { key, days, speed }, signal).catch(
          (error: unknown) => {
            // Asked for before, as by a wait that was stopped: it is waited for again.
            if (wait && error instanceof AppError && error.code === 'object-restoring')
              return undefined;
            throw error;
          },
        );
        if (wait) output.note(GOES_ON);
        const state =
          wait || begun === undefined
            ? await whenReadable(remote, key, lookEveryMs(speed), signal)
            : begun;
        output.answer(
          { key, ...readabilityFacts(state) },
          `${printable(key)}: ${stateText(state)}`,
        );
        return EXIT.done;
      }),
    );
};

/** Whoever waits may be stopped, or lose the storage: what was asked for, and is paid for, comes all the same. */
export const GOES_ON =
  'The storage goes on without this: restore --wait of the same waits for it again.';

/** Who pays, and how long it takes: before anything is asked for that costs. */
export function noteTerms(output: Output, before: Readability, speed: RestoreSpeed): void {
  if (before.kind === 'readable') return;
  const isHere = before.kind === 'restored';
  const takes = archiveTerms[before.archive].speeds[speed];
  if (takes === undefined) return; // It is refused.
  for (const cost of restoreCosts(before.archive, speed, isHere)) output.note(cost);
  if (!isHere) output.note(`On Amazon S3, usually ${takes}.`);
}

/** In the middle of a line. */
export function stateText(state: Readability): string {
  switch (state.kind) {
    case 'readable':
      return 'readable';
    case 'restored':
      return `readable until ${formatTime(state.untilMs)}, from its archive`;
    case 'restoring':
      return 'being made readable again';
    case 'archived':
      return `in an archive; making it readable takes ${archiveTerms[state.archive].range} on Amazon S3: pansea-sync restore`;
    default:
      return state satisfies never;
  }
}
