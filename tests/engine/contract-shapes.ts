/** @file What a page may send for each call: of the right shape, with whatever in it. */
import * as fc from 'fast-check';
import { join } from 'node:path';
import type { ApiInput, ApiName } from '../../shared/api.ts';
import { auditLevels, auditPeriods, auditReasonNames, refutedReasons } from '../../shared/audit.ts';
import { encryptionChoices } from '../../shared/encryption.ts';
import { errorCodes } from '../../shared/errors.ts';
import { holdReasons } from '../../shared/job.ts';
import { namedLists } from '../../shared/api/migration-lists.ts';
import { askedFiles } from '../../shared/api/migration-view.ts';
import {
  cleanupLevels,
  hashKinds,
  hashListFormats,
  proofLevels,
  reportFormats,
} from '../../shared/migration/migration.ts';
import { queueFilters } from '../../shared/api/queue-view.ts';
import { destinationKinds } from '../../shared/recording.ts';
import { referenceFormats, sqlDialects } from '../../shared/migration/references.ts';
import { linkFilters } from '../../shared/api/stored.ts';
import { restoreSpeeds } from '../../shared/restore.ts';
import { storageClasses } from '../../shared/storage-class.ts';

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '\0',
    '../../etc/passwd',
    '/',
    '"',
    "'; DROP TABLE jobs;--",
    'NEAR(a b)',
    '*',
  ),
  fc.constantFrom(
    '\uD800',
    'a\uDFFF',
    '\u202Egpj.mp3',
    '[',
    '{a,b',
    '**/**/**',
    '%',
    '%zz',
    '__proto__',
  ),
);
const id = fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constantFrom(2 ** 53 - 1, -(2 ** 53 - 1)));
const page = { offset: fc.nat(), limit: fc.integer({ min: 1, max: 500 }) };
const key = fc.oneof(
  words.filter((text) => text !== ''),
  fc.constant('audio/bio-101/x.mp3'),
);
const previewId = fc.constantFrom('A'.repeat(43), '_'.repeat(43));
const none = fc.constant({});
const ids = fc.array(id, { maxLength: 5 });
const owner = fc.record({
  kind: fc.option(fc.constantFrom(...destinationKinds)),
  ownerId: fc.option(words),
});
const dayCount = fc.option(fc.integer({ min: 7, max: 400 }));
const choices = fc.record({
  endUnfinishedAfterDays: dayCount,
  transition: fc.option(
    fc.record({
      kind: fc.constantFrom(...destinationKinds),
      storageClass: fc.constantFrom('STANDARD_IA', 'DEEP_ARCHIVE'),
      afterDays: fc.integer({ min: 1, max: 400 }),
    }),
  ),
  endOldVersionsAfterDays: dayCount,
});
const rule = fc.record(
  {
    kind: fc.constantFrom(...destinationKinds),
    classId: fc.constantFrom(null, 'bio-101', 'constructor'),
    userId: fc.constantFrom('teacher-7', 'a'.repeat(128)),
    include: fc.array(words, { maxLength: 4 }),
    exclude: fc.array(words, { maxLength: 4 }),
    types: fc.constantFrom<string[]>([], ['mp3'], ['.WAV', 'mp4']),
    minBytes: fc.nat(),
    maxBytes: fc.integer({ min: 1 }),
    storageClass: fc.constantFrom(...storageClasses),
  },
  { requiredKeys: ['kind', 'classId', 'userId', 'include', 'exclude'] },
);
/** Inside the test's own folder, or nowhere. */
const path = words.map((text) => join('/nowhere', 'at all', text.slice(0, 1)) + text);

const plan = words.map((text) => text.slice(0, 40));
const name = words.filter((text) => text !== '');
const named = { plan, list: fc.constantFrom(...namedLists), why: plan };
const confirmed = fc.integer({ min: 1 });
const level = fc.constantFrom(...cleanupLevels);
const days = fc.constantFrom(1, 30, 3_650);

const dollars = fc.double({ min: 0, max: 1_000, noNaN: true });
const command = fc.array(words, { minLength: 1, maxLength: 5 });
const scan = fc.option(fc.record({ command, limitSeconds: fc.constantFrom(1, 600) }));

/**
 * Of the right shape, and hostile in what it says. A call without a line here does not compile.
 *
 * @param known What is there once the tests begin.
 */
export const shapes = (
  known: Readonly<{ storedKey: () => string; folder: () => string }>,
): { [N in ApiName]: fc.Arbitrary<ApiInput<N>> } => ({
  getConnection: none,
  saveConnection: fc.record({
    bucket: words,
    region: words,
    endpoint: words,
    profile: words,
    encryption: fc.constantFrom(...encryptionChoices),
    kmsKeyId: words,
    useSsl: fc.boolean(),
    verifySsl: fc.boolean(),
    caFile: words,
    agreesToUnprotected: fc.boolean(),
    keys: fc.option(fc.record({ accessKeyId: words, secretAccessKey: words })),
  }),
  forgetKeys: none,
  readEnvFile: fc.record({
    text: fc.oneof(
      words,
      fc.constantFrom('AWS_S3_BUCKET=b\nAWS_S3_BUCKET=\0', 'AWS_ACCESS_KEY_ID='),
    ),
  }),
  saveEnvFile: fc.record({ id: words, agreesToUnprotected: fc.boolean() }),
  dropEnvFile: none,
  getSignIn: none,
  getStorageFacts: none,
  testConnection: fc.record({ envFile: words }),
  planRules: fc.record({ choices }),
  applyRules: fc.record({ choices, seen: words }),
  getUploadLimit: none,
  setUploadLimit: fc.record({ megabits: fc.option(fc.double()), week: fc.constant(null) }),
  getBatteryWait: none,
  setBatteryWait: fc.record({ waits: fc.boolean() }),
  getVirusScan: none,
  setVirusScan: fc.record({ scan }),
  getDetailedLog: none,
  setDetailedLog: fc.record({ isOn: fc.boolean() }),
  previewReport: none,
  saveReport: fc.record({ id: words }),
  listHistory: fc.record({ classId: fc.option(words), ...page }),
  exportHistory: fc.record({ classId: fc.option(words) }),
  dismissRecovery: none,
  getAudit: none,
  startAudit: fc.record({ level: fc.constantFrom(...auditLevels) }),
  cancelAudit: none,
  getOwnAudits: none,
  setOwnAudits: fc.record({ every: fc.constantFrom(...auditPeriods) }),
  settleGone: fc.record({
    reason: fc.constantFrom(...refutedReasons),
    isAgain: fc.boolean(),
    files: fc.nat(),
  }),
  listAuditFindings: fc.record({ reason: fc.constantFrom(...auditReasonNames), ...page }),
  getStatus: none,
  findJobs: fc.record({
    filter: fc.constantFrom(...queueFilters),
    words: words.filter((text) => text.trim() !== ''),
  }),
  listJobs: fc.record({ filter: fc.constantFrom(...queueFilters), ...page }),
  listCauses: none,
  retryJobs: fc.record({ ids, code: fc.constantFrom(undefined, ...errorCodes, ...holdReasons) }),
  sendFirst: fc.record({ ids: fc.array(id, { minLength: 1, maxLength: 5 }) }),
  uploadAnyway: fc.record({ ids, code: fc.constantFrom(undefined, ...holdReasons) }),
  dismissJobs: fc.record({ ids, code: fc.constantFrom(...errorCodes, ...holdReasons) }),
  sendAgain: fc.record({ ids: fc.array(id, { minLength: 1, maxLength: 5 }) }),
  revealJob: fc.record({ id }),
  setPaused: fc.record({ isPaused: fc.boolean(), untilMs: fc.constantFrom(undefined, null, 0) }),
  tryStorageNow: none,
  openAgain: none,
  listOwners: none,
  listObjects: fc.record({ owner: fc.option(owner), words, ...page }),
  refreshObjects: none,
  learnNames: none,
  getObject: fc.record({ key }),
  getShelf: fc.record({ key }),
  startPreview: fc.record({ key }),
  getPreview: fc.record({ id: previewId }),
  endPreview: fc.record({ id: previewId }),
  startDownload: fc.record({ key }),
  listDownloads: none,
  cancelDownload: fc.record({ id }),
  revealDownload: fc.record({ id }),
  clearDownloads: none,
  deleteObject: fc.record({ key }),
  restoreObject: fc.record({
    key,
    days: fc.option(fc.integer({ min: 1, max: 365 })),
    speed: fc.constantFrom(...restoreSpeeds),
  }),
  listDeleted: fc.record({
    owner: fc.option(
      fc.record({
        kind: fc.constantFrom(...destinationKinds),
        ownerId: fc.string({ maxLength: 40 }),
      }),
    ),
    from: fc.option(fc.record({ key, versionId: fc.option(fc.string({ maxLength: 40 })) })),
  }),
  getCost: none,
  countOldVersions: fc.record({
    from: fc.option(fc.record({ key, versionId: fc.option(fc.string({ maxLength: 40 })) })),
  }),
  countUnfinished: none,
  setPrice: fc.record({
    storageClass: fc.constantFrom(...storageClasses),
    price: fc.option(fc.record({ month: dollars, puts: dollars, moves: dollars, watch: dollars })),
  }),
  bringBack: fc.record({ keys: fc.array(key, { minLength: 1, maxLength: 3 }) }),
  getKept: fc.record({ key, sizeBytes: fc.nat() }),
  signLink: fc.record({ id }),
  saveLinkPage: fc.record({
    keys: fc.array(key, { minLength: 1, maxLength: 3 }),
    expiresInSeconds: fc.integer({ min: 60, max: 604_800 }),
    mode: fc.constantFrom('watch' as const, 'download' as const),
    note: words,
  }),
  createLink: fc.record({
    key: fc.oneof(key, fc.constant(null)).map((other) => other ?? known.storedKey()),
    expiresInSeconds: fc.integer({ min: 60, max: 604_800 }),
    mode: fc.constantFrom('watch' as const, 'download' as const),
    note: words,
  }),
  listLinks: fc.record({ filter: fc.constantFrom(...linkFilters), words, ...page }),
  listSkipped: fc.record(page),
  lookAgain: none,
  copyText: fc.record({ text: words }),
  getMigration: none,
  chooseFile: fc.record({ what: fc.constantFrom(...askedFiles) }),
  planMigration: fc.record({
    root: path,
    mapping: fc.option(path),
    timetable: fc.option(fc.record({ file: path, zone: words.filter((text) => text !== '') })),
    userId: fc.constant('teacher-7'),
    mbit: fc.option(fc.integer({ min: 1, max: 1_000_000 })),
  }),
  openPlan: fc.record({ file: path }),
  noteBackup: fc.record({ plan, by: words.filter((text) => text.trim() !== '') }),
  compareBackup: fc.record({ plan, path, sample: fc.constantFrom(1, 100) }),
  lookForDrift: fc.record({ plan }),
  listPlans: fc.record(page),
  getPlanStanding: fc.record({ plan }),
  showPlan: fc.record({ plan }),
  listNamed: fc.record({ ...named, words, ...page }),
  saveNamed: fc.record(named),
  runMigration: fc.record({ plan }),
  verifyMigration: fc.record({
    plan,
    level: fc.constantFrom(...proofLevels),
    share: fc.constantFrom(1, 100),
  }),
  stopMigration: none,
  saveReferences: fc.record({
    plan,
    format: fc.constantFrom(...referenceFormats),
    dialect: fc.constantFrom(...sqlDialects),
    table: name,
    pathColumn: name,
    keyColumn: name,
    prefix: fc.option(words),
  }),
  surveyCleanup: fc.record({ plan, level, days }),
  quarantineFiles: fc.record({ plan, confirmed, level }),
  purgeFiles: fc.record({ plan, confirmed, days }),
  putFilesBack: fc.record({
    plan,
    paths: fc.option(fc.array(path, { minLength: 1, maxLength: 3 })),
  }),
  saveMigrationReport: fc.record({ plan, format: fc.constantFrom(...reportFormats) }),
  saveHashList: fc.record({
    plan,
    format: fc.constantFrom(...hashListFormats),
    hash: fc.constantFrom(...hashKinds),
  }),
  saveVerifier: none,
  saveReceipts: fc.record({ plan }),
  revealPlan: fc.record({ plan }),
  listFolders: none,
  chooseFolder: none,
  chooseFiles: none,
  uploadFiles: fc.record({
    paths: fc.array(path, { minLength: 1, maxLength: 3 }),
    to: fc.record({ kind: fc.constant('documents' as const), userId: fc.constant('teacher-7') }),
  }),
  previewFolder: fc.record({
    path: fc.oneof(path, fc.constant(null)).map((p) => p ?? known.folder()),
    rule,
  }),
  saveFolder: fc.record({ path, rule }),
  storedElsewhere: fc.record({ id }),
  sendStoredElsewhere: fc.record({ id }),
  removeFolder: fc.record({ id: id.filter((one) => one !== 1) }),
});
