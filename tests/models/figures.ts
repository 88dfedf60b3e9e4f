/** @file What a long run has done, in numbers: shown with the tests, and written down for the sum. */
import { appendFileSync } from 'node:fs';

export type Figures = Readonly<{
  suite: string;
  /** Recordings whose bytes were compared with what the storage holds in the end. */
  recordings: number;
  kills?: number;
  powerCuts?: number;
  faults?: number;
  /** What had been said before a kill, a cut or a fault, and was looked for afterwards. */
  promises?: number;
  /** Courses of random commands. */
  courses?: number;
}>;

export function publish(figures: Figures): void {
  console.log(`Figures: ${JSON.stringify(figures)}`);
  const file = process.env['PANSEA_TEST_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(figures)}\n`);
}
