import type { Plugin } from 'vite';

/**
 * Takes the engine's test hooks out of a build: no crash point is left, and no bug can be switched on.
 *
 * @throws Error for a use of them that is not written as a plain call, since it would stay.
 */
export function withoutTestHooks(): Plugin {
  return {
    name: 'without-test-hooks',
    enforce: 'pre',
    transform: {
      filter: { id: /[\\/]electron[\\/](?!.*test-hooks\.ts$)/, code: /\b(crashPoint|isMutant)\b/ },
      handler(code, id) {
        const rest = code
          .replaceAll(/^import \{[\w ,]*\} from '[./\w]*\/test-hooks\.ts';$/gm, '')
          .replaceAll(/\bcrashPoint\('[a-z-]+'\);/g, '')
          .replaceAll(/\bisMutant\(\d+\)/g, 'false');
        if (/\b(crashPoint|isMutant)\b/.test(rest))
          throw new Error(`A test hook would stay: ${id}`);
        return rest;
      },
    },
  };
}
