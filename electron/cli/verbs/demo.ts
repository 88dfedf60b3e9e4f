import { once } from 'node:events';
import { AppError } from '#shared/errors.ts';
import { count } from '#shared/format.ts';
import { linkStore } from '../../engine/store/links.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../output.ts';
import { presentEvents } from '../present.ts';
import type { Verb } from '../program.ts';

const LINK_SECONDS = 3_600;

export const demo: Verb = (program, run) => {
  program.command('demo').action(
    run(async (context) => {
      const { output, signal } = context;
      const { startDemo } = await import('../../demo/demo.ts');
      const place = context.keep(await startDemo(context.nativeBinding));
      const { settings, homePath, folder, rule } = place;

      output.note('This demo keeps everything on this computer: no account, nothing leaves it.');
      output.note(`Storage: ${settings.endpoint}, bucket ${settings.bucket}`);
      output.note(
        `Watched folder: ${folder} (class ${rule.classId}). Drop a recording of your own into it, too.\n`,
      );
      const app = await context.engine({ settings, homePath, quietMs: place.quietMs });
      app.engine.events.on(presentEvents(output));
      await app.engine.addFolder(folder, rule);
      app.engine.start();
      const stop = stopped(signal);
      const paths = await Promise.race([place.begin(), stop]);
      if (paths !== undefined) await Promise.race([allVerified(app.engine, paths), stop]);
      output.progress('');
      if (signal.aborted || paths === undefined) return ended(context);

      const { createLink } = await import('../../engine/library/share.ts');
      const key = app.engine.jobs.ofPath(paths[0]!)[0]?.key;
      if (key === undefined) throw new AppError('unexpected', 'The sample has no key');
      const links = linkStore(app.home.database);
      const request = { key, expiresInSeconds: LINK_SECONDS, mode: 'download' } as const;
      const { url } = await createLink(
        { remote: app.remote, links, nowMs: Date.now },
        request,
        signal,
      );
      output.answer(
        { event: 'ready', url, home: homePath, folder },
        `\n${count(paths.length, 'recording')} uploaded and verified. A link to the first one, for one hour:\n\n  curl -OJ '${url}'\n`,
      );
      output.note('Press Ctrl+C to end the demo and remove its files.');
      await stop;
      return ended(context);
    }),
  );
};

function allVerified(engine: Engine, paths: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const isVerified = (path: string) =>
      engine.jobs.ofPath(path).some(({ state }) => state.kind === 'verified');
    const off = engine.events.on(() => {
      if (!paths.every(isVerified)) return;
      off();
      resolve();
    });
  });
}

async function stopped(signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Being stopped is how a demo ends; nothing of it is left for another time. */
function ended({ output }: Context): ExitCode {
  output.note('The demo ends, and its files are removed.');
  return EXIT.done;
}
