/** @file The arguments that the app knows. */

export type Arguments = Readonly<{
  /** Start without showing the window: for a start with the computer. */
  isHidden: boolean;
  /** Show the demo as long as nobody has said which storage to use. */
  wantsDemo: boolean;
}>;

/** @param argv All of it; what is not known is ignored. */
export function readArguments(argv: readonly string[]): Arguments {
  return { isHidden: argv.includes('--hidden'), wantsDemo: argv.includes('--demo') };
}

/** Ours, and Chromium's that change nothing but where files are and how the window is drawn. */
const known: ReadonlySet<string> = new Set([
  'hidden',
  'demo',
  'user-data-dir',
  'disable-gpu',
  'force-device-scale-factor',
  'lang',
  'ozone-platform',
  'ozone-platform-hint',
]);
/** What installers and desktops add to each start by themselves. */
const added: Readonly<Partial<Record<NodeJS.Platform, RegExp>>> = {
  // electron-builder's AppRun does where the kernel lets no sandbox start: refused, the app would not start there.
  linux: /^no-sandbox$/,
  win32: /^updated$/,
  darwin: /^psn_[\d_]+$/,
};

/**
 * The switches that an installed app does not take, by their names: with others of Chromium's its page could be
 * read and led from outside, its traffic sent elsewhere, its certificates left unchecked.
 *
 * @param argv All of it, read as Chromium's own base/command_line.cc does.
 */
export function foreignSwitches(argv: readonly string[], platform: NodeJS.Platform): string[] {
  const isWindows = platform === 'win32';
  const end = argv.indexOf('--', 1);
  const names = argv.slice(1, end === -1 ? undefined : end).flatMap((argument) => {
    const [, name] = (isWindows ? /^(?:--|-|\/)([^=]+)/ : /^--?([^=]+)/).exec(argument) ?? [];
    return name === undefined ? [] : [isWindows ? name.toLowerCase() : name];
  });
  return names.filter((name) => !known.has(name) && added[platform]?.test(name) !== true);
}
