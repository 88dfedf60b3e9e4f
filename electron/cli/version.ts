/** Set by the build from package.json; a checkout run from source says so. */
declare const PANSEA_VERSION: string | undefined;
export const version = typeof PANSEA_VERSION === 'string' ? PANSEA_VERSION : '0.1.0-source';
