/** @file The program on this computer that looks at each recording before it is uploaded, such as clamdscan. None until a person names one. */
import { z } from 'zod';

export const virusScan = z.object({
  /** The program's absolute path and what it is given; the recording's path comes after that. */
  command: z
    .array(
      z
        .string()
        .min(1)
        .max(1_000)
        .regex(/^[^\0]+$/, 'has a character that no program takes'),
    )
    .min(1)
    .max(20),
  /** How long it may take for one recording. */
  limitSeconds: z.int().min(1).max(86_400),
});
export type VirusScan = z.output<typeof virusScan>;

/** A large recording on a slow disk takes minutes. */
export const SCAN_LIMIT_SECONDS = 600;

/** What it says where a scanner calls a file clean, where it objects; anything else is a failure. As ClamAV has it. */
export const scanExits = { clean: 0, hit: 1 } as const;

/**
 * What a known scanner calls clean without having looked at it, to be said wherever it is set. ClamAV: the
 * manual of clamd.conf, MaxFileSize and AlertExceedsMax; no setting takes it beyond 2 GB.
 */
export function notScanned([program = '']: VirusScan['command']): string | undefined {
  const name = program.split(/[/\\]/).at(-1) ?? '';
  if (!/^clamd?scan(?:\.exe)?$/i.test(name)) return undefined;
  return 'ClamAV calls files above its limits clean without a look: MaxFileSize, 100 MB or less unless it is raised, and 2 GB always. With AlertExceedsMax it objects to them instead.';
}

export const virusScanCalls = {
  /** `found`: one that is on this computer. `canSet`: the host can ask a person, whatever the page says. */
  getVirusScan: {
    input: z.object({}),
    output: z.object({
      scan: virusScan.nullable(),
      found: virusScan.shape.command.nullable(),
      canSet: z.boolean(),
    }),
  },
  /** Null ends scanning. `isSet`: false when the person said no in the host's own dialog. */
  setVirusScan: {
    input: z.object({ scan: virusScan.nullable() }),
    output: z.object({ isSet: z.boolean() }),
  },
} as const;
