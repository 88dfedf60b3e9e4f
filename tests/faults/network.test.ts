import { networkRows } from './network-rows.ts';
import { testRows } from './row.ts';

testRows(networkRows);
