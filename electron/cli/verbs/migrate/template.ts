import type { Command } from 'commander';
import { MAPPING_TEMPLATE, TIMETABLE_TEMPLATE } from '#shared/migration/templates.ts';
import { EXIT } from '../../output.ts';
import type { Run } from '../../program.ts';

export function template(migration: Command, run: Run): void {
  migration
    .command('template')
    .description('a mapping to go on from, for plan --map')
    .option('--timetable', 'a timetable, for plan --timetable')
    .action(
      run(async ({ output }, { timetable }: { timetable?: boolean }) => {
        const text = timetable ? TIMETABLE_TEMPLATE : MAPPING_TEMPLATE;
        output.answer({ template: text }, text.trimEnd());
        return EXIT.done;
      }),
    );
}
