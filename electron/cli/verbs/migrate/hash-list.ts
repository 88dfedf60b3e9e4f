import { count, formatBytes, formatNumber, printable } from '#shared/format.ts';
import {
  unlisted,
  type HashKind,
  type HashListFormat,
  type Unlisted,
} from '#shared/migration/migration.ts';
import { writeHashList } from '../../../engine/migrate/hash-list.ts';
import type { JobStore } from '../../../engine/store/jobs.ts';
import type { Plan, PlanStore } from '../../../engine/store/plans.ts';
import type { Context } from '../../context.ts';
import { EXIT, type ExitCode } from '../../output.ts';
import { version } from '../../version.ts';

/** How many of each reason a person is shown; `--json` has all. */
const SHOWN = 10;

export async function report(
  context: Context,
  stores: Readonly<{ jobs: JobStore; plans: PlanStore }>,
  plan: Plan,
  asked: Readonly<{ format: HashListFormat; hash: HashKind; out: string }>,
): Promise<ExitCode> {
  const { output, signal, nativeBinding } = context;
  const document = output.document('leftOut');
  const shown = new Map<Unlisted, number>();
  const { files, bytes } = await writeHashList(
    { ...stores, nowMs: Date.now },
    plan,
    { ...asked, version, nativeBinding },
    (read) => output.progress(() => `${formatNumber(read)} of ${formatNumber(plan.files)} read`),
    async (path, why) => {
      const before = shown.get(why) ?? 0;
      shown.set(why, before + 1);
      const text = `${printable(path)} ${unlisted[why]}`;
      await document.item({ path, reason: why }, before < SHOWN ? text : undefined);
    },
    signal,
  );
  output.progress('');
  const left = plan.files - files;
  const rest = left === 0 ? '' : ` ${count(left, 'file')} of the plan not in it.`;
  const more = [...shown]
    .filter(([, number]) => number > SHOWN)
    .map(
      ([why, number]) =>
        `\n${formatNumber(number).padStart(9)}  Not in it: it ${unlisted[why]}. The first ten are named; --json names all.`,
    );
  document.end(
    { report: asked.out, hash: asked.hash, files, bytes },
    `${count(files, 'file')} (${formatBytes(bytes)}) in ${printable(asked.out)}.${rest}${more.join('')}`,
  );
  return left === 0 ? EXIT.done : EXIT.someFailed;
}
