/**
 * What `npm start` shows: the watcher when AWS is configured, else a demo that needs nothing.
 *
 * @param {string} envFile The text of .env, empty when there is none.
 * @param {NodeJS.ProcessEnv} env
 * @returns {'demo' | 'watch'}
 */
export function startVerb(envFile, env) {
  const inFile = /^\s*(?:export\s+)?AWS_\w+\s*=\s*['"]?[^\s'"#]/m.test(envFile);
  return inFile || Boolean(env.AWS_S3_BUCKET) ? 'watch' : 'demo';
}
