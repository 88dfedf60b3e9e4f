import { placeRows } from './place-rows.ts';
import { testRows } from './row.ts';

testRows(placeRows);
