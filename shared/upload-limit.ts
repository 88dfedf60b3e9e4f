/** @file How fast all uploads together may be, as a person sets it, in megabits a second, as lines are sold; and whether they wait on battery. */
import { z } from 'zod';
import { uploadWeek } from './upload-week.ts';

const BITS = 8;
const MEGA = 1_000_000;

export const bytesOf = (megabits: number): number => (megabits * MEGA) / BITS;
export const megabitsOf = (bytesPerSecond: number): number => (bytesPerSecond * BITS) / MEGA;

/** At the least of them an hour's lecture still goes up in a day. */
export const uploadMegabits = z.number().min(0.1).max(100_000);

/** `20 megabits a second`. */
export const megabitWords = (megabits: number): string =>
  `${new Intl.NumberFormat('en', { maximumFractionDigits: 2 }).format(megabits)} megabit${megabits === 1 ? '' : 's'} a second`;

/** `week`: in which hours the limit holds, and in which nothing is sent; null for the limit at all times. */
export const uploadSpeed = z
  .object({ megabits: uploadMegabits.nullable(), week: uploadWeek.nullable() })
  .refine(({ megabits, week }) => megabits !== null || !week?.includes('l'), 'has a limit');

export const uploadLimitCalls = {
  /** Null: as fast as the network allows. `isFixed`: the environment says so, at all times. */
  getUploadLimit: {
    input: z.object({}),
    output: z.object({
      megabits: z.number().nullable(),
      week: uploadWeek.nullable(),
      isFixed: z.boolean(),
    }),
  },
  /** From now on, also for what is being sent. */
  setUploadLimit: { input: uploadSpeed, output: z.object({}) },
  /** Whether uploads wait while the computer runs on battery. `isKnown`: here it can be told whether it does. */
  getBatteryWait: {
    input: z.object({}),
    output: z.object({ waits: z.boolean(), isKnown: z.boolean() }),
  },
  setBatteryWait: { input: z.object({ waits: z.boolean() }), output: z.object({}) },
} as const;
