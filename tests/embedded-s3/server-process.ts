/**
 * @file The embedded server as a process of its own, so that a test can kill it, and a measurement
 * need not share its thread. Prints one line of JSON once it answers; tells each message its processor time.
 *
 *     node tests/embedded-s3/server-process.ts DATA_DIR [PORT]
 */
import { startEmbeddedS3 } from '../../electron/embedded-s3/server.ts';

const [dataDir, port] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Usage: server-process.ts DATA_DIR [PORT]');
const { endpoint, region, accessKeyId, secretAccessKey, bucket } = await startEmbeddedS3({
  dataDir,
  port: Number(port ?? 0),
});
process.on('message', () => process.send?.(process.cpuUsage()));
console.log(JSON.stringify({ endpoint, region, accessKeyId, secretAccessKey, bucket }));
