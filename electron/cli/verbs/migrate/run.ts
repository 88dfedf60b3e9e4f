import type { Command } from 'commander';
import { count, formatNumber, printable } from '#shared/format.ts';
import { drifts } from '#shared/migration/migration.ts';
import { openPlan } from '../../../engine/migrate/open-plan.ts';
import { runPlan, type Drifted, type RunCount } from '../../../engine/migrate/run.ts';
import { planStore } from '../../../engine/store/plans.ts';
import { EXIT } from '../../output.ts';
import { presentEvents } from '../../present.ts';
import type { Run } from '../../program.ts';
import { tellSendsNow } from '../../standstill.ts';

export function run(migration: Command, wrap: Run): void {
  migration
    .command('run <file>')
    .description('sends exactly what the plan says; may be stopped and started again')
    .action(
      wrap(async (context, file: string) => {
        const { output, signal } = context;
        const { engine, home } = await context.engine();
        const plans = planStore(home.database, Date.now);
        const plan = await openPlan(context.toPath(file), plans);
        tellSendsNow(context, home.database);
        const endEvents = engine.events.on(presentEvents(output, true));
        const total = await runPlan(
          { engine, plans },
          plan,
          (drifted) =>
            output.event(
              { event: 'drift', ...drifted, state: 'drifted' },
              driftText(drifted),
              true,
            ),
          signal,
        );
        await engine.hook.settled(signal);
        // What else is on its way is put back as the engine stops: the summary stays the last line.
        endEvents();
        output.progress('');
        const isDone = total.verified === total.files;
        output.event({ event: 'summary', ...total }, summary(total), !isDone);
        return isDone ? EXIT.done : EXIT.someFailed;
      }),
    );
}

function driftText({ path, why }: Drifted): string {
  return `${printable(path)} ${drifts[why]}`;
}

function summary(total: RunCount): string {
  const { files, verified, refuted, held, failed, waiting, setAside, changed, gone, unreadable } =
    total;
  const parts = [
    `${formatNumber(verified)} of ${count(files, 'file')} uploaded and verified`,
    refuted > 0 &&
      `${formatNumber(refuted)} not in the bucket as they were sent (migrate verify says what to do)`,
    waiting > 0 && `${formatNumber(waiting)} not yet`,
    failed > 0 && `${formatNumber(failed)} failed`,
    held > 0 && `${formatNumber(held)} held`,
    setAside > 0 && `${formatNumber(setAside)} cancelled or deleted by a person`,
    changed > 0 && `${formatNumber(changed)} changed since the plan`,
    gone > 0 && `${formatNumber(gone)} not there any more`,
    unreadable > 0 && `${formatNumber(unreadable)} cannot be read`,
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}
