/**
 * Whether anybody has said which storage to use; `npm start` offers the demo otherwise.
 *
 * @param {string} envFile The text of .env, empty when there is none.
 * @param {NodeJS.ProcessEnv} env
 * @returns {boolean}
 */
export function hasAwsSettings(envFile, env) {
  // Spaces by name: \s would reach over the end of a line that sets nothing.
  const inFile = /^[ \t]*(?:export[ \t]+)?AWS_\w+[ \t]*=[ \t]*['"]?[^\s'"#]/m.test(envFile);
  return inFile || Boolean(env.AWS_S3_BUCKET);
}
