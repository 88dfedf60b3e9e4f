/** @file Imported before any schema: zod would otherwise try `new Function`, which the page's policy reports as an attack. */
import { config } from 'zod';

config({ jitless: true });
