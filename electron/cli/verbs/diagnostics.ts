import { homedir } from 'node:os';
import { formatBytes, printable } from '#shared/format.ts';
import { version } from '../version.ts';
import { EXIT } from '../output.ts';
import { saveNew } from '../save-new.ts';
import type { Verb } from '../program.ts';

export const diagnostics: Verb = (program, run) => {
  program
    .command('diagnostics')
    .option('--out <file>', 'where the zip goes; without it only what it would hold is shown')
    .action(
      run(async (context, { out }: { out?: string }) => {
        const { collectReport, zipReport } = await import('../../engine/doctor/diagnostics.ts');
        const entries = await collectReport({
          version,
          env: context.env,
          homePath: context.homePath,
          database: openOrNot(() => context.home().database),
          nowMs: Date.now(),
          userHome: homedir(),
        });
        const contents = entries.map(({ name, about, text }) => ({
          name,
          about,
          sizeBytes: Buffer.byteLength(text),
        }));
        const path = out === undefined ? undefined : context.toPath(out);
        if (path !== undefined) await saveNew(path, zipReport(entries));
        const lines = contents.map(
          ({ name, about, sizeBytes }) =>
            `  ${name.padEnd(14)} ${formatBytes(sizeBytes).padStart(10)}  ${about}`,
        );
        context.output.answer(
          { path, contents },
          [
            path === undefined ? 'The report would hold:' : `Saved ${printable(path)}, holding:`,
            ...lines,
          ].join('\n'),
        );
        return EXIT.done;
      }),
    );
};

/** A ledger that cannot be opened is a reason for a report, not against one. */
function openOrNot<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
