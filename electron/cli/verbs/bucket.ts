import { bucketPolicy, corsText, setupSteps, type Place } from '#shared/bucket-setup.ts';
import { AppError } from '#shared/errors.ts';
import { count } from '#shared/format.ts';
import {
  lifecycleChoices,
  lifecycleWarnings,
  rulesFor,
  type LifecycleChoices,
} from '#shared/lifecycle.ts';
import { minimalPolicy } from '#shared/policy.ts';
import { destinationKinds, type DestinationKind } from '#shared/recording.ts';
import { storageClasses } from '#shared/storage-class.ts';
import { Option } from 'commander';
import type { SeenPlan } from '../../engine/doctor/bucket-rules.ts';
import type { Context } from '../context.ts';
import { whole } from '../options.ts';
import { errorView, EXIT, type ExitCode, type Output } from '../output.ts';
import type { Verb } from '../program.ts';

type Options = Readonly<{
  endUnfinished: number;
  moveTo?: string;
  after?: number;
  in: DestinationKind;
  endOldVersions?: number;
  apply?: string;
}>;

export const bucket: Verb = (program, run) => {
  program
    .command('bucket')
    .option(
      '--end-unfinished <days>',
      'delete the parts of uploads that were never finished, after so many days',
      whole(7),
      7,
    )
    .addOption(
      new Option('--move-to <class>', 'a storage class for what is stored').choices(
        storageClasses.filter((name) => name !== 'STANDARD'),
      ),
    )
    .option('--after <days>', 'with --move-to: so many days after it was stored', whole(1))
    .addOption(
      new Option('--in <place>', 'with --move-to').choices([...destinationKinds]).default('audio'),
    )
    .option(
      '--end-old-versions <days>',
      'delete old versions of what was deleted or written over, after so many days',
      whole(1),
    )
    .option(
      '--apply <seen>',
      'apply the lifecycle rules, with the word that is printed below their difference',
    )
    .action(
      run(async (context, options: Options) => {
        const choices = choicesOf(options);
        if (options.apply !== undefined) return apply(context, choices, options.apply);
        return show(context, choices);
      }),
    );
};

function choicesOf({ endUnfinished, moveTo, after, in: kind, endOldVersions }: Options) {
  if ((moveTo === undefined) !== (after === undefined))
    throw new AppError('usage', '--move-to needs --after DAYS, and the reverse');
  return lifecycleChoices.parse({
    endUnfinishedAfterDays: endUnfinished,
    transition: moveTo === undefined ? null : { kind, storageClass: moveTo, afterDays: after },
    endOldVersionsAfterDays: endOldVersions ?? null,
  });
}

function storageOf(context: Context) {
  const settings = context.settings();
  return { settings, known: context.known(settings), signal: context.signal };
}

async function apply(context: Context, choices: LifecycleChoices, seen: string): Promise<ExitCode> {
  const { applyRules } = await import('../../engine/doctor/bucket-rules.ts');
  const { rules } = await applyRules(storageOf(context), choices, seen);
  context.output.answer(
    { applied: true, rules },
    `Applied. The bucket has ${count(rules, 'lifecycle rule')} now.`,
  );
  return EXIT.done;
}

async function show(context: Context, choices: LifecycleChoices): Promise<ExitCode> {
  const { lookAtRules } = await import('../../engine/doctor/bucket-rules.ts');
  const storage = storageOf(context);
  const plan = await lookAtRules(storage, choices).catch((error: unknown) => {
    if (error instanceof AppError) return error;
    throw error;
  });
  const { bucket: name, region, endpoint = '' } = storage.settings;
  const place = { bucket: name, region, endpoint };
  const steps = setupSteps(place, plan instanceof AppError ? undefined : plan.next);
  const warnings = lifecycleWarnings(choices);
  const rules = plan instanceof AppError ? rulesFor(choices) : plan.next;
  context.output.answer(
    {
      policy: minimalPolicy(name, region),
      bucketPolicy: bucketPolicy(place),
      cors: null,
      lifecycle: { Rules: rules },
      warnings,
      ...(plan instanceof AppError
        ? { trouble: errorView(plan) }
        : { changes: plan.changes, isSame: plan.isSame, apply: plan.seen }),
      steps,
    },
    text(place, plan, { rules, steps, warnings }, context.output.style),
  );
  return EXIT.done;
}

type Shown = Readonly<{
  rules: readonly unknown[];
  steps: ReturnType<typeof setupSteps>;
  warnings: readonly string[];
}>;

const json = (value: unknown) => JSON.stringify(value, undefined, 2);

function text(
  place: Place,
  plan: SeenPlan | AppError,
  { rules, steps, warnings }: Shown,
  style: Output['style'],
): string {
  const section = (title: string, ...lines: readonly string[]) =>
    [style('bold', title), ...lines].join('\n');
  const colours = { '+': 'green', '-': 'red', '=': 'dim' } as const;
  const difference =
    plan instanceof AppError
      ? [
          `What the bucket has could not be read: ${errorView(plan).title}. ${errorView(plan).remedy}`,
        ]
      : [
          ...plan.changes.map(({ sign, text: line }) => style(colours[sign], `${sign} ${line}`)),
          plan.isSame
            ? 'The bucket has them already.'
            : `To apply them: the same command with --apply ${plan.seen}`,
        ];
  return [
    section('Policy for the account', json(minimalPolicy(place.bucket, place.region))),
    section('Policy of the bucket', json(bucketPolicy(place))),
    section('CORS', corsText),
    section('Lifecycle rules', json({ Rules: rules }), ...difference, ...warnings),
    section(
      'For an admin, with the AWS command line',
      ...steps.flatMap(({ title, command, note }) => [
        `# ${title}.${note === undefined ? '' : ` ${note}`}`,
        command,
      ]),
    ),
  ].join('\n\n');
}
