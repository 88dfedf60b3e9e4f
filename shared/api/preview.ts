/** @file Looking into a stored object before it is shared. A part of the contract in api.ts. */
import { z } from 'zod';
import { key, trouble } from './stored.ts';

/** 256 random bits: whoever has it may read this one version of this one object, through this program, until it ends. */
const previewId = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const previewCalls = {
  /** The page then shows what comes from its own address, at PREVIEW_PATH and this number. */
  startPreview: { input: z.object({ key }), output: z.object({ id: previewId }) },
  /** Why nothing comes any more: the page's player does not say. */
  getPreview: {
    input: z.object({ id: previewId }),
    output: z.object({ isOpen: z.boolean(), trouble: trouble.nullable() }),
  },
  /** Calling it twice is harmless. */
  endPreview: { input: z.object({ id: previewId }), output: z.object({}) },
} as const;
