import type { Verb } from '../program.ts';

import { audit } from './audit.ts';
import { bucket } from './bucket.ts';
import { demo } from './demo.ts';
import { diagnostics } from './diagnostics.ts';
import { doctor } from './doctor.ts';
import { embeddedS3 } from './embedded-s3.ts';
import { folders } from './folders.ts';
import { history } from './history.ts';
import { jobs } from './jobs.ts';
import { links } from './links.ts';
import { migrate } from './migrate.ts';
import { objects } from './objects.ts';
import { scanner } from './scanner.ts';
import { serve } from './serve.ts';
import { sync } from './sync.ts';
import { unfinished } from './unfinished.ts';
import { upload } from './upload.ts';

/** In the order in which `--help` shows them. */
export const verbs: readonly Verb[] = [
  doctor,
  bucket,
  folders,
  sync,
  upload,
  jobs,
  objects,
  links,
  audit,
  history,
  migrate,
  unfinished,
  scanner,
  serve,
  diagnostics,
  demo,
  embeddedS3,
];
