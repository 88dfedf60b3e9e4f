import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Target } from './raw-client.ts';

export interface ServerProcess extends Target, AsyncDisposable {
  readonly bucket: string;
  /** Processor time that the process has used so far, of all its threads. */
  cpuSeconds(): Promise<number>;
  /** Kills the process as `kill -9` does, and waits for its end. May be called twice. */
  kill(): Promise<void>;
}

/** The embedded server on `dataDir` in a process of its own. */
export async function startServerProcess(dataDir: string): Promise<ServerProcess> {
  const script = fileURLToPath(new URL('server-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--no-warnings', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  let line = '';
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    line += chunk.toString();
    if (line.includes('\n')) break;
  }
  if (!line.includes('\n')) throw new Error('The server ended before it answered');
  const access = JSON.parse(line) as Target & { bucket: string }; // Printed by `server-process.ts`.
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const cpuSeconds = async (): Promise<number> => {
    const answered = once(child, 'message');
    child.send('cpu');
    const [{ user, system }] = (await answered) as [NodeJS.CpuUsage];
    return (user + system) / 1e6;
  };
  return { ...access, cpuSeconds, kill, [Symbol.asyncDispose]: kill };
}
