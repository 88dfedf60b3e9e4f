import { once } from 'node:events';
import { join } from 'node:path';
import { AppError } from '#shared/errors.ts';
import type { EmbeddedS3, EmbeddedS3Options } from '../../embedded-s3/server.ts';
import { makeFolderSync } from '../../engine/files/make-folder.ts';
import { portOption } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

type Access = Pick<
  EmbeddedS3,
  'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey' | 'bucket'
>;
type Options = Readonly<{ port: number; data?: string; bucket?: string }>;

export const embeddedS3: Verb = (program, run) => {
  program
    .command('embedded-s3')
    .addOption(portOption())
    .option('--data <dir>', 'where it keeps everything; default: in the home')
    .option('--bucket <name>', 'made if it is missing')
    .action(
      run(async (context, { port, data, bucket }: Options) => {
        const { output, signal, toPath, homePath } = context;
        const dataDir = data === undefined ? join(homePath, 'embedded-s3') : toPath(data);
        const server = context.keep(
          await start({
            dataDir,
            port,
            nativeBinding: context.nativeBinding,
            ...(bucket === undefined ? {} : { bucket }),
          }),
        );
        const access: Access = {
          endpoint: server.endpoint,
          region: server.region,
          accessKeyId: server.accessKeyId,
          secretAccessKey: server.secretAccessKey,
          bucket: server.bucket,
        };
        output.answer(access, exportLines(access));
        output.note(`# Data: ${dataDir}. Stops with Ctrl+C; the data stays.`);
        if (!signal.aborted) await once(signal, 'abort');
        return EXIT.done;
      }),
    );
};

/** @throws AppError for what the caller can do something about. */
async function start(options: EmbeddedS3Options): Promise<EmbeddedS3> {
  const { startEmbeddedS3 } = await import('../../embedded-s3/server.ts');
  const { S3Error } = await import('../../embedded-s3/errors.ts');
  try {
    makeFolderSync(options.dataDir);
    return await startEmbeddedS3(options);
  } catch (error) {
    if (error instanceof S3Error) throw new AppError('usage', `--bucket: ${error.message}`);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES')
      throw new AppError('usage', `Port ${options.port} cannot be used: ${message}`);
    throw new AppError('usage', `--data ${options.dataDir}: ${message}`, { cause: error });
  }
}

/** To be pasted into a shell, or read by `eval`. None of the values holds a quote. */
function exportLines({ endpoint, region, accessKeyId, secretAccessKey, bucket }: Access): string {
  return [
    `export AWS_S3_ENDPOINT_URL=${endpoint}`,
    `export AWS_REGION=${region}`,
    `export AWS_ACCESS_KEY_ID=${accessKeyId}`,
    `export AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    `export AWS_S3_BUCKET=${bucket}`,
    'export AWS_S3_USE_SSL=false',
  ].join('\n');
}
