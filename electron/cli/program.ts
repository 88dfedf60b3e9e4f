/** @file The command line of the contract: verbs, options, exit codes. */
import { Command, CommanderError } from 'commander';
import { AppError } from '#shared/errors.ts';
import type { Context, GlobalOptions } from './context.ts';
import {
  createOutput,
  EXIT,
  exitCodeFor,
  readOn,
  type ExitCode,
  type Output,
  type Streams,
} from './output.ts';
import { addVerbs } from './verbs/all.ts';
import { version } from './version.ts';
import type { Environment } from '../engine/settings/settings.ts';

/** Wraps a verb's action: opens its context, and closes it however the action ends. */
export type Run = <Args extends unknown[]>(
  action: (context: Context, ...args: Args) => Promise<ExitCode>,
) => (...args: Args) => Promise<void>;
export type Verb = (program: Command, run: Run) => void;

export type CliHost = Streams &
  Readonly<{
    env: Environment;
    cwd: string;
    signal: AbortSignal;
    /** Recordings are sent from now on: that is not to end because nobody reads what is printed of it. */
    onUploads?: () => void;
    /** As of `Desktop`; left out where nobody can say. */
    isOnBattery?: () => boolean | undefined;
  }>;

/**
 * Runs one command.
 *
 * @param argv Without `node` and the script.
 * @param host `signal` aborts when the user interrupts: running uploads are put back, resumable.
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<ExitCode> {
  // What follows `--` is a word for another program, or a file's name.
  const end = argv.indexOf('--');
  const isJson = (end === -1 ? argv : argv.slice(0, end)).includes('--json');
  let exitCode: ExitCode = EXIT.done;
  let isDebug = false;
  const program = new Command('pansea-sync');
  let called = program;
  let made: Output | undefined;
  const output = () => {
    const { json = false, quiet = false } = program.opts<GlobalOptions>();
    made ??= createOutput(host, {
      json: json || isJson,
      quiet,
      noColor: Boolean(host.env['NO_COLOR']),
    });
    return made;
  };

  const run: Run =
    (action) =>
    async (...args) => {
      const { createContext } = await import('./context.ts');
      const context = createContext(program.opts<GlobalOptions>(), { ...host, output: output() });
      isDebug = context.isDebug;
      try {
        exitCode = await action(context, ...args);
      } finally {
        await context.close();
      }
    };

  program
    .description(
      'Gets classroom recordings from this computer into the school’s S3 bucket, with proof.',
    )
    .version(version)
    .option('--home <dir>', 'where its list, settings and logs are (PANSEA_SYNC_HOME)')
    .option(
      '--env-file <file>',
      'read the connection from it; ./.env when present; the environment wins',
    )
    .option('--json', 'print JSON for programs')
    .option('--quiet', 'print only what needs attention')
    .option('--debug', 'write a detailed log (DEBUG=true)')
    .commandsGroup('Help:')
    .helpCommand('help [verb...]', 'show what a verb does, with its options')
    .addHelpText('after', FIRST_STEPS)
    .hook('preAction', (_, verb) => void (called = verb))
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      // With --json the error is the document on stdout, written below.
      writeErr: (text) => void (isJson || host.stderr.write(text)),
    });
  await addVerbs(program, run, (name) => argv.includes(name));
  for (const verb of allOf(program))
    verb.showHelpAfterError(readOn(nameOf(verb))).exitOverride((error) => {
      called = verb;
      throw error;
    });

  const tell = (error: AppError) => output().error(error, nameOf(called));

  try {
    showHelp(program, argv);
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done;
      if (isJson) tell(new AppError('usage', usageDetail(error)));
      return EXIT.usage;
    }
    if (host.signal.aborted) {
      output().stopped('Stopped. What was begun goes on next time.');
      return EXIT.interrupted;
    }
    const known = AppError.from(error);
    tell(known);
    if (known.code === 'unexpected' && error instanceof Error && isDebug)
      host.stderr.write(`${error.stack}\n`);
    return exitCodeFor(known);
  }
}

const FIRST_STEPS = `
First steps:
  pansea-sync doctor
  pansea-sync folders add ~/Recordings --class bio-101
  pansea-sync sync`;

function allOf(verb: Command): Command[] {
  return [verb, ...verb.commands.flatMap(allOf)];
}

/**
 * Of the verb that `argv` asks for it of, if any. By itself commander shows the general help instead of one
 * that it does not know, and of `help migrate run` that of `migrate`.
 *
 * @throws CommanderError when it is shown, or when there is no such verb.
 */
function showHelp(program: Command, argv: readonly string[]): void {
  const { operands, unknown } = program.parseOptions([...argv]);
  let isAsked = unknown.some((word) => HELP.has(word));
  let verb: Command = program;
  for (const word of operands) {
    if (verb.commands.length === 0) break;
    const next = verb.commands.find((known) => known.name() === word);
    if (word === 'help') isAsked = true;
    else if (next) verb = next;
    else if (isAsked)
      verb.error(`error: unknown command '${word}'`, { code: 'commander.unknownCommand' });
    else return;
  }
  if (isAsked) verb.help();
}

const HELP: ReadonlySet<string> = new Set(['-h', '--help']);

/** `migrate run`; the empty string for the program itself. */
function nameOf(verb: Command): string {
  return verb.parent ? `${nameOf(verb.parent)} ${verb.name()}`.trim() : '';
}

/** Without a verb commander prints the help and throws a message that is meant for programs only. */
function usageDetail({ code, message }: CommanderError): string {
  return code === 'commander.help'
    ? 'Say what to do; --help lists the verbs'
    : message.replace(/^error: /, '');
}
