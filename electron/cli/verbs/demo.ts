import { AppError } from '#shared/errors.ts';
import { count } from '#shared/format.ts';
import { linkStore } from '../../engine/store/links.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../output.ts';
import { presentEvents } from '../present.ts';
import type { Verb } from '../program.ts';

const LINK_SECONDS = 3_600;

export const demo: Verb = (program, run) => {
  program
    .command('demo')
    .description('see it work: storage on this computer, sample recordings, a link')
    .action(
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
        const paths = await interruptible(place.begin(), signal);
        await allVerified(app.engine, paths, signal);
        output.progress('');

        const { createLink } = await import('../../engine/share.ts');
        const key = app.engine.jobs.ofPath(paths[0]!)[0]?.key;
        if (key === undefined) throw new AppError('unexpected', 'The sample has no key');
        const links = linkStore(app.home.database);
        const request = { key, expiresInSeconds: LINK_SECONDS, mode: 'download' } as const;
        const { url } = await createLink(
          { remote: app.remote, links, nowMs: Date.now },
          request,
          signal,
        );
        output.event(
          { event: 'ready', url, home: homePath, folder },
          `\n${count(paths.length, 'recording')} uploaded and verified. A link to the first one, for one hour:\n\n  curl -OJ '${url}'\n`,
        );
        output.note('Press Ctrl+C to end the demo and remove its files.');
        await stopped(context);
        return EXIT.done;
      }),
    );
};

function allVerified(engine: Engine, paths: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const isVerified = (path: string) =>
      engine.jobs.ofPath(path).some(({ state }) => state.kind === 'verified');
    const off = engine.events.on(() => {
      if (!paths.every(isVerified)) return;
      off();
      resolve();
    });
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function interruptible<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stop = new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
  return Promise.race([work, stop]);
}

function stopped({ signal }: Context): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
