import { wordsOf } from '#shared/catalogue.ts';
import { count, printable } from '#shared/format.ts';
import type { Engine } from '../../engine/engine.ts';
import type { SyncCount } from '../../engine/sync-once.ts';
import type { Settling } from '../../engine/watch/settle.ts';
import { historyStore } from '../../engine/store/history.ts';
import { folderStore } from '../../engine/store/folders.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output } from '../output.ts';
import { presentEvents } from '../present.ts';
import type { Verb } from '../program.ts';
import { NO_FOLDER } from './folders.ts';

export const sync: Verb = (program, run) => {
  program.command('sync').action(
    run(async (context) => {
      const { output, signal } = context;
      const { engine } = await watchingEngine(context);
      const result = await engine.syncOnce(signal);
      output.progress('');
      const { found, uploaded, verified, held, failed, skipped, unreadable, notConnected } = result;
      const { stillWriting } = result;
      tellLeft(output, engine);
      const isDone = failed + unreadable + notConnected + stillWriting === 0;
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
          stillWriting,
        },
        summary(result, engine.isDiskLow()),
        !isDone,
      );
      return isDone ? EXIT.done : EXIT.someFailed;
    }),
  );

  program.command('watch').action(
    run(async (context) => {
      const { output, signal } = context;
      const { engine, home } = await watchingEngine(context);
      const history = historyStore(home.database, Date.now);
      engine.start();
      history.add({ kind: 'opened' });
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
      history.add({ kind: 'closed' });
      output.note(isBusy ? 'Stopped. What was begun goes on next time.' : 'Stopped.');
      return isBusy ? EXIT.interrupted : EXIT.done;
    }),
  );
};

async function watchingEngine(context: Context): ReturnType<Context['engine']> {
  const opened = await context.engine();
  if (folderStore(opened.home.database, Date.now).list().length === 0)
    context.output.note(NO_FOLDER, true);
  opened.engine.events.on(presentEvents(context.output));
  return opened;
}

/** Names what this run leaves for the next one: whoever asked for all of it shall not take it for done. */
function tellLeft(output: Output, engine: Engine): void {
  const isDiskLow = engine.isDiskLow();
  for (const { sighting, why } of engine.settling()) {
    const { path, sizeBytes } = sighting;
    const code = isDiskLow ? 'disk-full' : undefined;
    const reason = isDiskLow ? wordsOf('disk-full', 'cli').title : left[why];
    output.event(
      { event: 'waiting', path, state: 'settling', sizeBytes, why, code },
      `${output.style('yellow', 'waiting'.padEnd(12))}${printable(path)}: ${reason}`,
      true,
    );
  }
}

const left: Record<Settling['why'], string> = {
  changing: 'still being written',
  open: 'still open in another program',
  unfinished: 'looks unfinished',
};

function summary(result: SyncCount, isDiskLow: boolean): string {
  const { found, uploaded, verified, held, failed, skipped, unreadable, notConnected } = result;
  const parts = [
    `${count(found, 'file')} found`,
    `${uploaded} uploaded`,
    `${verified} verified`,
    held > 0 && `${held} held`,
    failed > 0 && `${failed} not uploaded yet`,
    skipped > 0 && `${skipped} skipped`,
    unreadable > 0 && `${unreadable} cannot be read`,
    result.stillWriting > 0 &&
      `${result.stillWriting} ${isDiskLow ? 'waiting for disk space' : 'not finished yet'}`,
    notConnected > 0 && `${count(notConnected, 'folder')} not connected`,
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}
