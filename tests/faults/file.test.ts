import { fileRows } from './file-rows.ts';
import { testRows } from './row.ts';

testRows(fileRows);
