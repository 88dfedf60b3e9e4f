/** @file What "test connection" found, as the ledger, windows and the command line have it. */
import { z } from 'zod';
import { abilityNames } from './abilities.ts';
import { errorCodes } from './errors.ts';
import { isNeeded, permissions, s3ActionNames, s3Actions, type S3Action } from './policy.ts';

const check = z.object({
  /** `settings`, `reach`, `tls`, `clock`, `sign-in`, `bucket`, `encryption`, `clean-up`, or an S3 action. */
  id: z.string(),
  ok: z.boolean(),
  title: z.string(),
  detail: z.string().exactOptional(),
  /** What to do; beside `ok`, what could be better. */
  remedy: z.string().exactOptional(),
  /** What kept it from being well, for a host with words of its own for that. */
  code: z.enum(errorCodes).exactOptional(),
});
export type Check = Readonly<z.output<typeof check>>;

/** What is asked of a bucket's set-up, in the order in which it is shown. */
export const factTitles = {
  publicAccessBlock: 'Block Public Access',
  versioning: 'Versioning',
  encryption: 'Default encryption',
  lifecycle: 'Lifecycle',
  abortsUnfinished: 'Ends unfinished uploads',
  replication: 'Replication',
  location: 'Location',
} as const;
export type FactName = keyof typeof factTitles;
export const factNames = Object.keys(factTitles) as [FactName, ...FactName[]];

const fact = z.object({
  /** In words; `unknown` for what could not be seen. */
  value: z.string(),
  /** One line, where something could be better or could not be seen. */
  advice: z.string().exactOptional(),
});
export type Fact = Readonly<z.output<typeof fact>>;
export type Facts = Readonly<Record<FactName, Fact>>;

const ability = z.object({
  value: z.union([z.boolean(), z.literal('unknown')]),
  note: z.string().exactOptional(),
});

export const report = z.object({
  ok: z.boolean(),
  checks: z.array(check),
  permissions: z.record(z.enum(s3ActionNames), z.enum(permissions)),
  abilities: z.record(z.enum(abilityNames), ability),
  facts: z.record(z.enum(factNames), fact),
});
export type Report = z.output<typeof report>;

export const isActionCheck = ({ id }: Pick<Check, 'id'>): boolean => Object.hasOwn(s3Actions, id);

/** What an admin would have to allow for all of it to work. */
export function deniedOf({ permissions: found }: Pick<Report, 'permissions'>): S3Action[] {
  return s3ActionNames.filter((name) => isNeeded(name) && found[name] === 'denied');
}

/** Whether a test came so far as to ask what the account may do. */
export function isAnswered({ permissions: found }: Pick<Report, 'permissions'>): boolean {
  return s3ActionNames.some((name) => found[name] !== 'unknown');
}
