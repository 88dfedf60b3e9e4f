/** @file The prices that `cost` goes by: shown, set, and Amazon's again. */
import { InvalidArgumentError, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { priceText } from '#shared/cost/cost.ts';
import {
  price,
  priceNames,
  priceOf,
  tariffText,
  type Price,
  type Tariff,
} from '#shared/cost/prices.ts';
import { AppError } from '#shared/errors.ts';
import { formatTime } from '#shared/format.ts';
import { storageClasses, type StorageClass } from '#shared/storage-class.ts';
import { ledgerPath } from '../../engine/home/ledger-file.ts';
import { forgetPrices, setPrice, tariffOf } from '../../engine/library/prices.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../output.ts';
import type { Run } from '../program.ts';

/** Below `cost`. */
export function addPriceVerbs(verb: Command, run: Run): void {
  priceOptions(
    verb.command('set').argument('<class>', 'a storage class, such as STANDARD', classOf),
  )
    .description('another price than Amazon’s list has, or that of another provider')
    .action(run(setOne));

  verb
    .command('reset')
    .description('Amazon’s list again, without the prices that were set here')
    .action(run(reset));
}

/** For commander. */
function classOf(text: string): StorageClass {
  const found = storageClasses.find((name) => name === text);
  if (found) return found;
  throw new InvalidArgumentError(`It must be one of ${storageClasses.join(', ')}.`);
}

const priceHelp: Readonly<Record<keyof Price, string>> = {
  month: 'for a gigabyte and month',
  puts: 'for 1,000 requests that store something',
  moves: 'for 1,000 recordings that a rule moves there',
  watch: 'for 1,000 recordings and month, beside their size',
};

function priceOptions(command: Command): Command {
  for (const name of priceNames)
    command.option(`--${name} <dollars>`, priceHelp[name], (text) => {
      const parsed = price.shape[name].safeParse(text.trim() === '' ? NaN : Number(text));
      if (parsed.success) return parsed.data;
      throw new InvalidArgumentError('It must be US dollars, such as 0.0125.');
    });
  return command;
}

/** Of the storage of the settings. */
export function tariffNow(context: Context): Tariff {
  const settings = context.settings();
  const region = context.known(settings).get('region') ?? settings.region;
  // Where there is no ledger none is made for it.
  const isKept = existsSync(ledgerPath(context.homePath));
  return tariffOf(settings, isKept ? context.home().database : undefined, region);
}

async function setOne(
  context: Context,
  storageClass: StorageClass,
  asked: Partial<Price>,
): Promise<ExitCode> {
  if (Object.keys(asked).length === 0)
    throw new AppError('usage', 'Say which price: --month, --puts, --moves or --watch');
  const none: Price = { month: 0, puts: 0, moves: 0, watch: 0 };
  const before = priceOf(tariffNow(context), storageClass);
  if (before === undefined && asked.month === undefined)
    throw new AppError('usage', 'No price is known for it yet: say --month, too');
  const next = { ...none, ...before, ...asked };
  setPrice(context.settings(), context.home().database, storageClass, next, Date.now());
  return tell(context);
}

async function reset(context: Context): Promise<ExitCode> {
  forgetPrices(context.settings(), context.home().database, Date.now());
  return tell(context);
}

/** Which prices hold now. */
function tell(context: Context): ExitCode {
  const tariff = tariffNow(context);
  context.output.answer(
    pricesView(tariff),
    [...storageClasses.flatMap((name) => priceLine(tariff, name)), tariffWords(tariff)].join('\n'),
  );
  return EXIT.done;
}

export const tariffWords = (tariff: Tariff): string =>
  tariffText(tariff, tariff.setAtMs === null ? null : formatTime(tariff.setAtMs));

function priceLine(tariff: Tariff, name: StorageClass): string[] {
  const found = priceOf(tariff, name);
  if (found === undefined) return [];
  const rest = priceNames.filter((one) => one !== 'month' && found[one] > 0);
  const others = rest.map((one) => `${priceText(found[one])} ${priceHelp[one]}`);
  return [
    `  ${name.padEnd(22)}${[`${priceText(found.month)} a gigabyte and month`, ...others].join(', ')}`,
  ];
}

/** With `--json`. */
export const pricesView = (tariff: Tariff) => ({
  prices: Object.fromEntries(
    storageClasses.flatMap((name) => {
      const found = priceOf(tariff, name);
      const isOwn = tariff.own[name] !== undefined;
      return found ? [[name, { ...found, isOwn }]] : [];
    }),
  ),
  region: tariff.region,
  setAt: tariff.setAtMs === null ? null : new Date(tariff.setAtMs).toISOString(),
  pricesFrom: tariffWords(tariff),
});
