/** @file What the works are to reach, and what they reached. */

/** `isMet`: `undefined` when it could not be measured here. */
export type Goal = Readonly<{ goal: string; measured: string; isMet: boolean | undefined }>;

/** Four digits that count. */
const digits = (value: number): string =>
  value.toLocaleString('en', { maximumSignificantDigits: 4 });

/** @param text With a `#` where the numbers stand, such as `# MiB`. */
const put = (text: string, value: number) => text.replace('#', digits(value));

export function atMost(what: string, text: string, measured: number, most: number): Goal {
  return {
    goal: `${what}: at most ${put(text, most)}`,
    measured: put(text, measured),
    isMet: measured <= most,
  };
}

export function atLeast(what: string, text: string, measured: number, least: number): Goal {
  return {
    goal: `${what}: at least ${put(text, least)}`,
    measured: put(text, measured),
    isMet: measured >= least,
  };
}

/** @param why What is missing on this machine. */
export const notKnown = (goal: string, why: string): Goal => ({
  goal,
  measured: why,
  isMet: undefined,
});
