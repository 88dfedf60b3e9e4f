import { storageRows } from './storage-rows.ts';
import { testRows } from './row.ts';

testRows(storageRows);
