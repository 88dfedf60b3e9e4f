/** @file A process that locks the home in its first argument, says so, and then waits to be killed. */
import { lockHome } from '../../electron/engine/home/home.ts';

lockHome({ path: process.argv[2]! });
process.stdout.write('locked\n');
setInterval(() => {}, 60_000);
