import { once } from 'node:events';
import { wordsOf } from '#shared/troubles/catalogue.ts';
import { AppError } from '#shared/errors.ts';
import { count, formatNumber, printable } from '#shared/format.ts';
import type { Standstill } from '#shared/pause.ts';
import { HOUR_MS } from '#shared/time.ts';
import type { Engine } from '../../engine/engine.ts';
import { createPause } from '../../engine/queue/pause.ts';
import type { SyncCount } from '../../engine/sync-once.ts';
import type { Settling } from '../../engine/watch/settle.ts';
import { onPolicyChange } from '../../engine/school/school-file.ts';
import { historyStore } from '../../engine/store/history.ts';
import { folderStore } from '../../engine/store/folders.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output } from '../output.ts';
import { presentEvents } from '../present.ts';
import type { Verb } from '../program.ts';
import { notNow, standstillText, tellSendsNow } from '../standstill.ts';
import { NO_FOLDER } from './folders.ts';

export const sync: Verb = (program, run) => {
  program.command('sync').action(
    run(async (context) => {
      const { output, signal } = context;
      const { engine, home } = await watchingEngine(context);
      tellSendsNow(context, home.database);
      const result = await engine.syncOnce(signal);
      await engine.hook.settled(signal);
      output.progress('');
      const { found, uploaded, verified, held, failed, skipped, unreadable, notConnected } = result;
      const { stillWriting } = result;
      tellLeft(output, engine);
      const isDone = held + failed + unreadable + notConnected + stillWriting === 0;
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
      let changed = new AbortController();
      context.keep({ close: onPolicyChange(context.env, () => changed.abort()) });
      let opened: Watching | undefined = await startWatching(context);
      const history = historyStore(opened.home.database, Date.now);
      history.add({ kind: 'opened' });
      output.note('Watching. Press Ctrl+C to stop; uploads go on next time.');
      while (await isBefore(changed.signal, signal)) {
        output.progress('');
        output.note(
          'Your school has changed its settings for this computer: they hold from now on.',
        );
        await opened?.close();
        changed = new AbortController();
        opened = await startWatching(context).catch((error: unknown) => {
          // Nobody may be there to start it again: it holds back until the file is changed once more.
          if (!(error instanceof AppError)) throw error;
          output.error(error, 'watch');
          return undefined;
        });
      }
      output.progress('');
      // Being stopped is how watching ends; only work that was cut short makes it an interruption.
      const isBusy = (opened?.engine.jobs.tally() ?? []).some(
        ({ kind }) => kind === 'uploading' || kind === 'verifying',
      );
      await opened?.engine.stop();
      history.add({ kind: 'closed' });
      output.note(isBusy ? 'Stopped. What was begun goes on next time.' : 'Stopped.');
      return isBusy ? EXIT.interrupted : EXIT.done;
    }),
  );
};

/** Waits for either. @returns Whether it is the first that came, and not the second. */
async function isBefore(first: AbortSignal, second: AbortSignal): Promise<boolean> {
  const either = AbortSignal.any([first, second]);
  // Without an engine nothing else keeps the program from ending.
  const awake = setInterval(() => {}, HOUR_MS);
  if (!either.aborted) await once(either, 'abort');
  clearInterval(awake);
  return !second.aborted;
}

async function startWatching(context: Context): Promise<Watching> {
  const opened = await watchingEngine(context);
  const { output } = context;
  const { database } = opened.home;
  const { queue } = opened.engine;
  const onChange = (reason: Standstill | undefined) => output.note(tellStandstill(reason));
  const pause = createPause({
    database,
    queue,
    notNow: () => notNow(context, database),
    nowMs: Date.now,
    onChange,
  });
  context.keep({ close: () => pause.stop() });
  opened.engine.start();
  return opened;
}

const tellStandstill = (reason: Standstill | undefined): string =>
  reason ? `Recordings are taken in and wait. ${standstillText(reason)}` : 'Uploads go on.';

type Watching = Awaited<ReturnType<Context['engine']>>;

async function watchingEngine(context: Context): Promise<Watching> {
  const opened = await context.engine();
  if (folderStore(opened.home.database, Date.now).list().length === 0)
    context.output.note(NO_FOLDER, true);
  opened.engine.events.on(presentEvents(context.output));
  return opened;
}

/** Names what this run leaves for the next one: whoever asked for all of it shall not take it for done. */
function tellLeft(output: Output, engine: Engine): void {
  for (const { sighting, why } of engine.settling()) {
    const { path, sizeBytes } = sighting;
    const code = why === 'space' ? 'disk-full' : undefined;
    output.event(
      { event: 'waiting', path, state: 'settling', sizeBytes, why, code },
      `${output.style('yellow', 'waiting'.padEnd(12))}${printable(path)}: ${left[why]}`,
      true,
    );
  }
}

const left: Record<Settling['why'], string> = {
  changing: 'still being written',
  open: 'still open in another program',
  unfinished: 'looks unfinished',
  space: wordsOf('disk-full', 'cli').title,
};

function summary(result: SyncCount, isDiskLow: boolean): string {
  const { found, uploaded, verified, held, failed, skipped, unreadable, notConnected } = result;
  const parts = [
    `${count(found, 'file')} found`,
    `${formatNumber(uploaded)} uploaded`,
    `${formatNumber(verified)} verified`,
    held > 0 && `${formatNumber(held)} held`,
    failed > 0 && `${formatNumber(failed)} not uploaded yet`,
    skipped > 0 && `${formatNumber(skipped)} skipped`,
    unreadable > 0 && `${formatNumber(unreadable)} cannot be read`,
    result.stillWriting > 0 &&
      `${formatNumber(result.stillWriting)} ${isDiskLow ? 'waiting for disk space' : 'not finished yet'}`,
    notConnected > 0 && `${count(notConnected, 'folder')} not connected`,
  ];
  const why = held > 0 ? ' Why: pansea-sync jobs --state held' : '';
  return `${parts.filter(Boolean).join(', ')}.${why}`;
}
