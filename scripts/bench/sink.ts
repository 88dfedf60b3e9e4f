/** @file Starts the sink: an S3 on loopback that costs next to nothing, compiled here when it is needed. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get as getPlain } from 'node:http';
import { get as getTls } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';

type Figures = Readonly<{
  requests: number;
  bodyBytes: number;
  mostInFlight: number;
  objects: number;
  /** When the first page of a listing was made, Unix milliseconds; 0 before. */
  firstListedMs: number;
  /** Of the sink, user and system, since it was started. */
  cpuSeconds: number;
}>;

export type Sink = Disposable &
  Readonly<{
    endpoint: string;
    port: number;
    /** Its certificate, PEM, when it speaks TLS. */
    certificate: string | undefined;
    figures: () => Promise<Figures>;
    reset: () => Promise<void>;
  }>;

const source = join(import.meta.dirname, 'sink');

/** Needs a C compiler and OpenSSL's headers (Debian: gcc, libssl-dev). @param latencyMs Of each request. */
export async function startSink(
  folder: string,
  { latencyMs = 0, hasTls = false }: { latencyMs?: number; hasTls?: boolean } = {},
): Promise<Sink> {
  const program = join(folder, 'sink');
  const certificate = join(folder, 'sink.crt');
  const key = join(folder, 'sink.key');
  const files = ['http.c', 's3.c', 'text.c'].map((name) => join(source, name));
  execFileSync('cc', ['-O2', '-o', program, ...files, '-lssl', '-lcrypto'], { stdio: 'inherit' });
  if (hasTls)
    execFileSync(
      'openssl',
      'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout'
        .split(' ')
        .concat(key, '-out', certificate),
    );
  const child = spawn(program, hasTls ? ['-t', certificate, key] : [], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(said.toString());
  const endpoint = `${hasTls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const ask = async (path: string): Promise<string> => {
    const open = hasTls ? getTls : getPlain;
    const request = open(endpoint + path, { agent: false, rejectUnauthorized: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return text(answer);
  };
  await ask(`/__latency?ms=${latencyMs}`);
  return {
    endpoint,
    port,
    certificate: hasTls ? certificate : undefined,
    figures: async () => JSON.parse(await ask('/__figures')) as Figures,
    reset: async () => void (await ask('/__reset')),
    [Symbol.dispose]: () => void child.kill(),
  };
}
