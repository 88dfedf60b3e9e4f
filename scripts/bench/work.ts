/** @file What a work is, and what comes of it. */
import type { Sizes } from './data.ts';
import type { Goal } from './goals.ts';

/** `dir`: for data and homes. `ours`: the folder with our contestants, built. */
type Run = Readonly<{ dir: string; sizes: Sizes; rounds: number; ours: string }>;

export type Outcome = Readonly<{ text: string; goals: readonly Goal[] }>;

/** `what`: of which sizes. */
export type Work = Readonly<{
  title: string;
  what: (sizes: Sizes) => string;
  run: (run: Run) => Promise<Outcome>;
}>;
