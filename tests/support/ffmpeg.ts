import { missingPrograms } from '../../scripts/bootstrap/programs.mjs';

/** Why no recording can be made here; `undefined` when it can. For `test.skipIf(ffmpegMissing())`. */
export function ffmpegMissing(): string | undefined {
  return missingPrograms(['ffmpeg']).length === 0
    ? undefined
    : 'ffmpeg is not installed, and recordings are made with it';
}
