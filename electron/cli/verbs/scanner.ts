import { printable } from '#shared/format.ts';
import { AppError } from '#shared/errors.ts';
import { notScanned, SCAN_LIMIT_SECONDS, virusScan, type VirusScan } from '#shared/virus-scan.ts';
import { findScanner } from '../../engine/virus/find.ts';
import { readVirusScan, saveVirusScan } from '../../engine/virus/virus-scan.ts';
import { whole } from '../options.ts';
import { EXIT } from '../output.ts';
import type { Verb } from '../program.ts';

export const scanner: Verb = (program, run) => {
  const verb = program.command('scanner');

  verb
    .command('show', { isDefault: true })
    .description('what is set')
    .action(
      run(async (context) => {
        const scan = readVirusScan(context.home().database);
        const found = scan ? undefined : await findScanner(context.env['PATH']);
        context.output.answer(
          { scanner: scan ?? null },
          [
            text(scan),
            found &&
              `On this computer: pansea-sync scanner set -- ${found.map(printable).join(' ')}`,
          ]
            .filter(Boolean)
            .join('\n'),
        );
        return EXIT.done;
      }),
    );

  verb
    .command('set <program> [argument...]')
    .description('use it from now on; put -- before arguments of its own')
    .option('--limit <seconds>', 'for one recording', whole(1, 86_400), SCAN_LIMIT_SECONDS)
    .action(
      run(async (context, name: string, args: string[], { limit }: { limit: number }) => {
        const asked = virusScan.safeParse({ command: [name, ...args], limitSeconds: limit });
        if (!asked.success)
          throw new AppError(
            'usage',
            'Name the program that looks at recordings, such as clamdscan',
          );
        const { database } = context.home();
        await saveVirusScan(database, asked.data, context.signal);
        const scan = readVirusScan(database);
        context.output.answer({ scanner: scan }, text(scan));
        return EXIT.done;
      }),
    );

  verb
    .command('off')
    .description('upload without it')
    .action(
      run(async (context) => {
        await saveVirusScan(context.home().database, undefined, context.signal);
        context.output.answer({ scanner: null }, text(undefined));
        return EXIT.done;
      }),
    );
};

function text(scan: VirusScan | undefined): string {
  if (scan === undefined) return 'No virus scanner looks at recordings before they are uploaded.';
  const by = `Each recording is scanned before it is uploaded, for at most ${scan.limitSeconds} seconds, by: ${scan.command.map(printable).join(' ')}`;
  return [by, notScanned(scan.command)].filter(Boolean).join('\n');
}
