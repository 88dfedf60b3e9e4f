/** @file The arguments that the app knows. */

export type Arguments = Readonly<{
  /** Start without showing the window: for a start with the computer. */
  isHidden: boolean;
  /** Show the demo as long as nobody has said which storage to use. */
  wantsDemo: boolean;
}>;

/** @param argv All of it; what is not known, the operating system's and Chromium's own included, is ignored. */
export function readArguments(argv: readonly string[]): Arguments {
  return { isHidden: argv.includes('--hidden'), wantsDemo: argv.includes('--demo') };
}
