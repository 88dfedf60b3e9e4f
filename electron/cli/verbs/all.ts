import type { Verb } from '../program.ts';

import { demo } from './demo.ts';
import { folders } from './folders.ts';
import { jobs } from './jobs.ts';
import { links } from './links.ts';
import { objects } from './objects.ts';
import { sync } from './sync.ts';
import { upload } from './upload.ts';

/** In the order in which `--help` shows them. */
export const verbs: readonly Verb[] = [folders, sync, upload, jobs, objects, links, demo];
