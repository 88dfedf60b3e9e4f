import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, parse, sep } from 'node:path';
import { AppError } from '#shared/errors.ts';
import { MAX_PARTS, MIN_PART_BYTES } from '#shared/parts.ts';
import type { Serving } from '../../serve/server.ts';
import { defaultUserId } from '../../engine/defaults.ts';
import type { Context } from '../context.ts';
import { version } from '../version.ts';
import { portOption } from '../options.ts';
import { EXIT, type Output } from '../output.ts';
import type { Verb } from '../program.ts';

/** A stream of unknown length goes up in the smallest parts: so much fits into the most that there may be. */
const MAX_FILE_BYTES = MAX_PARTS * MIN_PART_BYTES;

type ServeOptions = Readonly<{ port: number; open?: true; demo?: true }>;

export const serve: Verb = (program, run) => {
  program
    .command('serve')
    .addOption(portOption())
    .option('--open', 'open the window in the browser')
    .option('--demo', 'with storage on this computer, while no bucket is set')
    .action(
      run(async (context, options: ServeOptions) => {
        const { output, signal } = context;
        const { url, token } = context.keep(await start(context, options));
        const page = `${url}/#token=${token}`;
        output.answer({ url, token }, text(url, token, page));
        if (options.open) {
          const { writeOpener } = await import('../../serve/token-file.ts');
          const opener = await writeOpener(context.homePath, page);
          context.keep({ close: opener.forget });
          openBrowser(opener.path, output);
          output.note('Should the browser not show it, open the address above there.');
        }
        output.note('Stops with Ctrl+C.');
        if (!signal.aborted) await once(signal, 'abort');
        return EXIT.done;
      }),
    );
};

async function start(context: Context, { port, demo }: ServeOptions): Promise<Serving> {
  const [{ startServer }, { openAppHost }, { openPage }, { startDemo }] = await Promise.all([
    import('../../serve/server.ts'),
    import('../../engine/window/host.ts'),
    import('../../page.ts'),
    import('../../demo/demo.ts'),
  ]);
  const host = await openAppHost({
    ...context.hostOptions(),
    desktop: {
      chooseSavePath: (name, isTaken) => freePath(downloadsFolder(), name, isTaken),
      isOnBattery: context.isOnBattery,
    },
    ...(demo ? { startDemo } : {}),
  });
  context.keep({ close: () => host.stop() });
  const trouble = host.trouble();
  if (trouble?.scope === 'home') throw trouble;
  const folder = pageFolder();
  if (!existsSync(join(folder, 'index.html')))
    context.output.note('The window is not built here yet: npm run build');
  const app = {
    storage: host.storage,
    window: {
      serve: host.serve,
      onEvent: host.onEvent,
      preview: host.preview,
      page: openPage(folder),
    },
    homePath: context.homePath,
    clientVersion: `pansea-sync/${version}`,
    userId: defaultUserId(),
    nowMs: Date.now,
    maxFileBytes: MAX_FILE_BYTES,
    log: await context.log(context.homePath),
  };
  try {
    return await startServer(app, port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES')
      throw new AppError('usage', `Port ${port} cannot be used: ${message}`);
    throw error;
  }
}

/** The built page: beside the built command line, or in `out/` of a checkout. */
function pageFolder(): string {
  const here = import.meta.dirname;
  return here.includes(`${sep}out${sep}`)
    ? join(here.slice(0, here.lastIndexOf(`${sep}out${sep}`)), 'out', 'renderer')
    : join(here, '..', '..', '..', 'out', 'renderer');
}

function downloadsFolder(): string {
  const folder = join(homedir(), 'Downloads');
  return existsSync(folder) ? folder : homedir();
}

/** A name that is not taken: `a.mp3`, else `a (2).mp3` and so on. */
async function freePath(
  folder: string,
  name: string,
  isTaken: (path: string) => boolean,
): Promise<string> {
  const { name: stem, ext } = parse(name);
  for (let number = 1; ; number += 1) {
    const path = join(folder, number === 1 ? name : `${stem} (${number})${ext}`);
    if (!existsSync(path) && !isTaken(path)) return path;
  }
}

/** Without a browser that can be started, or that may read the file, the address that was printed has to do. */
function openBrowser(path: string, output: Output): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  const child = spawn(program, [...args, path], { stdio: 'ignore', detached: true });
  child.once('error', () => output.note('Open the address above in a browser.'));
  child.unref();
}

function text(url: string, token: string, page: string): string {
  return [
    `The window: ${page}`,
    '',
    `REST routes answer at ${url}, to programs on this computer only.`,
    `Token: ${token}`,
    '',
    'Try it:',
    `  curl -H 'Authorization: Bearer ${token}' '${url}/api/v1/s3/files?max_keys=5'`,
  ].join('\n');
}
