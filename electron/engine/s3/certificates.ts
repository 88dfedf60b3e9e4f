/** @file Whose certificates are believed, and who issued one that is not. */
import { Agent as HttpsAgent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { printable } from '#shared/format.ts';
import type { StorageSettings } from './storage-settings.ts';

/** No longer is waited for the certificate that is only to be named. */
const LOOK_MS = 5_000;

/** What `explain` adds to an error: who issued the certificate that was refused. */
export type Refused = { issuer?: string; isIssuedToItself?: boolean };

/** What a storage showed of itself. */
export type Certificate = Readonly<{ issuer: string; endsAtMs: number }>;

/** Looks at every certificate, except while settings say otherwise: that ends by itself, in a running program too. */
export class CheckingAgent extends HttpsAgent {
  readonly #checksFromMs: number;
  readonly #settings: StorageSettings;
  /** How the last connection was asked for. All of an agent's go to one storage. */
  #asked: tls.ConnectionOptions | undefined;
  #opened: tls.TLSSocket | undefined;
  /** How each connection was opened, by its options, which Node names it by again once it is free. */
  readonly #openedChecked = new WeakMap<object, boolean>();

  constructor(settings: StorageSettings, options: AgentOptions) {
    super({ ...options, secureContext: trustedContext(settings.ca) });
    const { verifyTls, unverifiedUntilMs = 0 } = settings;
    this.#settings = settings;
    // By a clock that nobody sets back, and that stands still while the computer sleeps.
    this.#checksFromMs = verifyTls ? 0 : performance.now() + unverifiedUntilMs - Date.now();
  }

  #now<Options extends tls.ConnectionOptions>(options: Options) {
    const { verifyTls, unverifiedUntilMs = 0, onUnverified } = this.#settings;
    const isChecked =
      this.#openedChecked.get(options) ??
      (verifyTls || performance.now() >= this.#checksFromMs || Date.now() >= unverifiedUntilMs);
    if (!isChecked) onUnverified?.();
    return { ...options, rejectUnauthorized: isChecked };
  }

  /** Sockets are kept by name: none that was opened unchecked is used again afterwards. */
  override getName(options: tls.ConnectionOptions = {}): string {
    return super.getName(this.#now(options));
  }

  override createConnection(
    options: tls.ConnectionOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    this.#asked = options;
    const now = this.#now(options);
    this.#openedChecked.set(options, now.rejectUnauthorized);
    const keep = (socket: Duplex | null | undefined) => {
      if (socket instanceof tls.TLSSocket) this.#opened = socket;
    };
    // What is behind a proxy calls back; what is met directly is the answer.
    const first = super.createConnection(now, (error, socket) => {
      keep(socket);
      callback?.(error, socket);
    });
    keep(first);
    return first;
  }

  /** Of the last connection, whether or not it was checked; `undefined` while there was none. */
  certificate(): Certificate | undefined {
    const { issuer, valid_to: end } = this.#opened?.getPeerCertificate() ?? {};
    if (!issuer || !end) return undefined;
    return { issuer: nameOf(issuer), endsAtMs: Date.parse(end) };
  }

  /**
   * Names the issuer of a certificate that was refused. Node closes a connection before anybody can ask it
   * what was wrong, so a second one is opened, on which nothing is sent and nothing is believed.
   */
  async explain(error: unknown): Promise<void> {
    const options = this.#asked;
    if (options === undefined || !isRefusal(error)) return;
    const { issuer, subject } = (await this.#shown(options)) ?? {};
    if (!issuer || !subject) return;
    const refused: Refused = {
      issuer: nameOf(issuer),
      isIssuedToItself: nameOf(issuer) === nameOf(subject),
    };
    Object.assign(error, refused);
  }

  #shown(options: tls.ConnectionOptions): Promise<tls.PeerCertificate | undefined> {
    return new Promise((resolve) => {
      const end = (socket?: Duplex | null) => {
        clearTimeout(limit);
        resolve(socket instanceof tls.TLSSocket ? socket.getPeerCertificate() : undefined);
        socket?.destroy();
      };
      const look = { ...options, rejectUnauthorized: false };
      const first = super.createConnection(look, (_error, socket) => end(socket));
      const limit = setTimeout(() => end(first), LOOK_MS);
      // The first one may lead to a proxy, whose certificate is believed; what is behind it calls back.
      const isRefused = () => first instanceof tls.TLSSocket && !first.authorized;
      first?.on('error', () => end()).once('secureConnect', () => isRefused() && end(first));
    });
  }
}

function isRefusal(error: unknown): error is Error {
  const { code = '' } = error as { code?: string };
  return error instanceof Error && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
}

/** A name as its owner wrote it: it may be a stranger's. */
function nameOf({ CN, O }: tls.Certificate): string {
  const [name, organisation] = [CN, O].map((part) =>
    printable([part ?? ''].flat().join(' ').slice(0, 100)),
  );
  if (!name) return organisation || 'somebody without a name';
  return organisation && organisation !== name ? `${name} (${organisation})` : name;
}

/**
 * What the operating system trusts, so that a school's own authority counts where IT has installed it,
 * what Node brings, and the private file. Made once: it costs tens of milliseconds.
 */
function trustedContext(ca: string | undefined): tls.SecureContext {
  const isAsked = typeof tls.getCACertificates === 'function';
  const known = isAsked
    ? [...tls.getCACertificates('default'), ...tls.getCACertificates('system')]
    : tls.rootCertificates;
  return tls.createSecureContext({ ca: [...new Set([...known, ...(ca ? [ca] : [])])] });
}
