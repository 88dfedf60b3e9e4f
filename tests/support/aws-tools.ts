/** @file What the AWS tools leave on a computer, for real providers to find: profiles, a program, a single sign-on. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { canaryLogin, canarySession } from './canary.ts';

type Keys = ReturnType<typeof canarySession>;

export type AwsTools = Awaited<ReturnType<typeof openAwsTools>>;

/** A home folder with its `.aws`, and the services that give out keys, on loopback. */
export async function openAwsTools(home: string) {
  const folder = join(home, '.aws');
  const config = join(folder, 'config');
  const credentials = join(folder, 'credentials');
  const program = join(folder, 'keys.mjs');
  const keysFile = join(folder, 'program-keys.json');
  const asks = join(folder, 'asks.log');
  await mkdir(join(folder, 'sso', 'cache'), { recursive: true });
  await writeFile(
    program,
    `import { appendFileSync, readFileSync } from 'node:fs';
appendFileSync(${JSON.stringify(asks)}, 'asked\\n');
process.stdout.write(readFileSync(${JSON.stringify(keysFile)}));`,
  );
  let given: Keys & { endsAtMs: number } = { ...canarySession(1), endsAtMs: 0 };
  const services = createServer((request, response) => {
    let body = '';
    request.on('data', (text: Buffer) => (body += text.toString()));
    request.on('end', () => {
      asked.push(body === '' ? 'sso' : (new URLSearchParams(body).get('Action') ?? ''));
      const { accessKeyId, secretAccessKey, sessionToken, endsAtMs } = given;
      if (body === '') {
        response.setHeader('content-type', 'application/json');
        const roleCredentials = {
          accessKeyId,
          secretAccessKey,
          sessionToken,
          expiration: endsAtMs,
        };
        response.end(JSON.stringify({ roleCredentials }));
        return;
      }
      response.setHeader('content-type', 'text/xml');
      response.end(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult><Credentials>
    <AccessKeyId>${accessKeyId}</AccessKeyId>
    <SecretAccessKey>${secretAccessKey}</SecretAccessKey>
    <SessionToken>${sessionToken}</SessionToken>
    <Expiration>${new Date(endsAtMs).toISOString()}</Expiration>
  </Credentials></AssumeRoleResult>
  <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
</AssumeRoleResponse>`);
    });
  });
  const asked: string[] = [];
  await new Promise<void>((resolve) => services.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(services.address() as AddressInfo).port}`;

  return {
    /** For the process that is to find all this. */
    env: {
      HOME: home,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
      AWS_ENDPOINT_URL_STS: url,
      AWS_ENDPOINT_URL_SSO: url,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    /** What the services were asked for. */
    asked,
    /** How often the program of the profile was run. */
    asks: async () => (await readFile(asks, 'utf8').catch(() => '')).split('\n').length - 1,
    /** Keys in the profile `school` of the credentials file. */
    writeProfile: ({ accessKeyId, secretAccessKey, sessionToken }: Keys) =>
      writeFile(
        credentials,
        `[school]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\naws_session_token = ${sessionToken}\n`,
      ),
    removeProfile: () => writeFile(credentials, ''),
    /** Profiles by their lines in the config file. */
    writeConfig: (profiles: Readonly<Record<string, string>>) =>
      writeFile(
        config,
        Object.entries(profiles)
          .map(([name, lines]) => `[${name}]\n${lines}\n`)
          .join('\n'),
      ),
    /** For `credential_process`. */
    program: `${JSON.stringify(process.execPath)} ${JSON.stringify(program)}`,
    writeProgramKeys: ({ accessKeyId, secretAccessKey, sessionToken }: Keys, endsAtMs?: number) =>
      writeFile(
        keysFile,
        JSON.stringify({
          Version: 1,
          AccessKeyId: accessKeyId,
          SecretAccessKey: secretAccessKey,
          SessionToken: sessionToken,
          ...(endsAtMs === undefined ? {} : { Expiration: new Date(endsAtMs).toISOString() }),
        }),
      ),
    /** What the services give out from now on. */
    give: (keys: Keys, endsAtMs: number) => (given = { ...keys, endsAtMs }),
    /** As `aws sso login` leaves it, for a session of that name. */
    writeSsoLogin: (session: string, endsAtMs: number) =>
      writeFile(
        join(folder, 'sso', 'cache', `${createHash('sha1').update(session).digest('hex')}.json`),
        JSON.stringify({
          accessToken: canaryLogin,
          expiresAt: new Date(endsAtMs).toISOString(),
        }),
      ),
    async [Symbol.asyncDispose]() {
      services.closeAllConnections();
      await new Promise((resolve) => services.close(resolve));
    },
  };
}
