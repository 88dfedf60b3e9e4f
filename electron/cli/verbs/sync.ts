import { count } from '#shared/format.ts';
import type { SyncCount } from '../../engine/engine.ts';
import { EXIT } from '../output.ts';
import { presentEvents } from '../present.ts';
import type { Verb } from '../program.ts';

export const sync: Verb = (program, run) => {
  program
    .command('sync')
    .description('scan every folder once, upload what is finished, verify, exit')
    .action(
      run(async (context) => {
        const { output, signal } = context;
        const { engine } = await context.engine();
        engine.events.on(presentEvents(output));
        const result = await engine.syncOnce(signal);
        output.progress('');
        const { found, uploaded, verified, held, failed, skipped, unreadable, notConnected } =
          result;
        output.event(
          {
            event: 'summary',
            found,
            uploaded,
            verified,
            held,
            failed,
            skipped,
            unreadable,
            notConnected,
          },
          summary(result),
        );
        return failed + unreadable + notConnected > 0 ? EXIT.someFailed : EXIT.done;
      }),
    );

  program
    .command('watch')
    .description('the same, until stopped')
    .action(
      run(async (context) => {
        const { output, signal } = context;
        const { engine } = await context.engine();
        engine.events.on(presentEvents(output));
        engine.start();
        output.note('Watching. Press Ctrl+C to stop; uploads go on next time.');
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve(), { once: true });
        });
        output.progress('');
        // Being stopped is how watching ends; only work that was cut short makes it an interruption.
        const isBusy = engine.jobs
          .tally()
          .some(({ kind }) => kind === 'uploading' || kind === 'verifying');
        await engine.stop();
        output.note(isBusy ? 'Stopped. What was begun goes on next time.' : 'Stopped.');
        return isBusy ? EXIT.interrupted : EXIT.done;
      }),
    );
};

function summary({
  found,
  uploaded,
  verified,
  held,
  failed,
  skipped,
  unreadable,
  notConnected,
}: SyncCount): string {
  const parts = [
    `${count(found, 'file')} found`,
    `${uploaded} uploaded`,
    `${verified} verified`,
    held > 0 && `${held} held`,
    failed > 0 && `${failed} not uploaded yet`,
    skipped > 0 && `${skipped} skipped`,
    unreadable > 0 && `${unreadable} cannot be read`,
    notConnected > 0 && `${count(notConnected, 'folder')} not connected`,
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}
