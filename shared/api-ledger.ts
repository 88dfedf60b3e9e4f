/** @file The calls about the list of recordings itself, a part of the contract in api.ts. */
import { z } from 'zod';

const none = z.object({});

export const ledgerCalls = {
  /** A person has read what happened to the list. */
  dismissRecovery: { input: none, output: none },
} as const;
