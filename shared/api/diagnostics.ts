/** @file The calls about the log and the report for whoever helps, a part of the contract in api.ts. */
import { z } from 'zod';

const none = z.object({});
/** Of a report that was shown: what is saved is that very one. */
const report = z.string().max(64);

export const diagnosticsCalls = {
  /** `isFixed`: DEBUG in the environment says so. */
  getDetailedLog: { input: none, output: z.object({ isOn: z.boolean(), isFixed: z.boolean() }) },
  /** From the next line on, and for the next start. */
  setDetailedLog: { input: z.object({ isOn: z.boolean() }), output: none },
  /** What a report would hold, whole, as it would be saved. */
  previewReport: {
    input: none,
    output: z.object({
      id: report,
      entries: z.array(z.object({ name: z.string(), about: z.string(), text: z.string() })),
    }),
  },
  /** Null when the dialog was closed. */
  saveReport: {
    input: z.object({ id: report }),
    output: z.object({ path: z.string().nullable() }),
  },
} as const;
