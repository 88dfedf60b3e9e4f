/** @file A process that saves the bucket and keys named in its arguments, as the window does. */
import { createConnection } from '../../electron/engine/settings/connection.ts';
import { openHome } from '../../electron/engine/home/home.ts';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { linuxKeychain } from '../support/keychain.ts';

const [home = '', bucket = ''] = process.argv.slice(2);
const { database } = openHome({ path: home });
const connection = createConnection({}, settingStore(database), linuxKeychain());
await connection.save({
  bucket,
  region: 'us-east-1',
  endpoint: '',
  profile: '',
  keys: { accessKeyId: `${bucket}-key`, secretAccessKey: 'secret' },
});
