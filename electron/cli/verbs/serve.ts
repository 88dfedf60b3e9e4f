import { once } from 'node:events';
import { AppError } from '#shared/errors.ts';
import { MAX_PARTS, MIN_PART_BYTES } from '#shared/parts.ts';
import type { Serving } from '../../serve/server.ts';
import { defaultUserId, version, type Context } from '../context.ts';
import { whole } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

/** A stream of unknown length goes up in the smallest parts: so much fits into the most that there may be. */
const MAX_FILE_BYTES = MAX_PARTS * MIN_PART_BYTES;

export const serve: Verb = (program, run) => {
  program
    .command('serve')
    .description('the REST routes for programs on this computer, until stopped')
    .option('--port <n>', 'any free one unless given', whole(0, 65_535), 0)
    .action(
      run(async (context, { port }: { port: number }) => {
        const { output, signal } = context;
        const { url, token } = context.keep(await start(context, port));
        output.answer({ url, token }, text(url, token));
        output.note('Stops with Ctrl+C.');
        if (!signal.aborted) await once(signal, 'abort');
        return EXIT.done;
      }),
    );
};

async function start(context: Context, port: number): Promise<Serving> {
  const remote = await context.remote();
  const home = context.home();
  const { startServer } = await import('../../serve/server.ts');
  const app = {
    remote,
    database: home.database,
    homePath: home.path,
    clientVersion: `pansea-sync/${version}`,
    userId: defaultUserId(),
    nowMs: Date.now,
    maxFileBytes: MAX_FILE_BYTES,
    log: await context.log(home.path),
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

function text(url: string, token: string): string {
  return [
    `Pan-Sea Sync answers at ${url}, to programs on this computer only.`,
    `Token: ${token}`,
    '',
    'Try it:',
    `  curl -H 'Authorization: Bearer ${token}' '${url}/api/v1/s3/files?max_keys=5'`,
  ].join('\n');
}
