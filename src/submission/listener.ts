import { chmodSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';
import { listenFailure } from '../net/smtp-server/index.ts';
import type { SubmissionParts, SubmissionPlace } from './options.ts';
import { Sessions, sharedLimits } from './sessions.ts';

export type SubmissionListener = {
  /** Port 0 of the options is the real one here; of a local socket host is its path and port 0. */
  readonly places: readonly { readonly host: string; readonly port: number }[];
  /** Takes no new connections, lets mails under way end for `graceMs`; may be called again. */
  stop(graceMs: number): Promise<void>;
};

// RFC 5321 §4.5.3.1.4: 512 octets, more with parameters: RFC 3461 §4 ENVID 100 and ORCPT 500, RFC 4954 §4 12,288 for AUTH;
// a PLAIN with our longest token has 300.
const commandOctets = 4_096;
// Only their owner and group may use it: www-data, say, put into the group.
const socketMode = 0o660;

/** Opens all doors or none; what cannot be had is an `AppError`. */
export async function startSubmission(
  parts: SubmissionParts,
  places: readonly SubmissionPlace[],
): Promise<SubmissionListener> {
  const shared = sharedLimits(parts);
  const opened: { readonly server: SubmissionServer; readonly at: { host: string; port: number } }[] = [];
  let stopping: Promise<void> | null = null;
  const stopAll = async (graceMs: number): Promise<void> => {
    await Promise.all(opened.map(({ server }) => server.end(graceMs)));
  };
  const stop = (graceMs: number): Promise<void> => (stopping ??= stopAll(graceMs));
  try {
    for (const place of places) {
      const server = new SubmissionServer(place, parts, new Sessions(parts, shared, place));
      opened.push({ server, at: await server.open(place) });
    }
  } catch (error) {
    await stop(0);
    throw error;
  }
  return { places: opened.map(({ at }) => at), stop };
}

class SubmissionServer extends SMTPServer {
  readonly #sessions: Sessions;

  constructor(place: SubmissionPlace, parts: SubmissionParts, sessions: Sessions) {
    super({ ...serverOptions(place, parts), ...handlersOf(sessions, () => this.connections) });
    this.#sessions = sessions;
  }

  /**
   * smtp-server waits 100 ms before it greets, to catch senders of spam who do not wait; whoever comes here has a password,
   * and most of them connect for each mail. It greets at once instead, and only once.
   */
  override connect(...args: Parameters<SMTPServer['connect']>): void {
    super.connect(...args);
    const connection = [...this.connections].at(-1);
    if (connection === undefined) return;
    const ready = connection.connectionReady.bind(connection);
    let isReady = false;
    connection.connectionReady = (next) => {
      if (isReady) return;
      isReady = true;
      ready(next);
    };
    const send = connection.send.bind(connection);
    connection.send = (code, data, context) => {
      if (Array.isArray(data)) {
        // RFC 4954 §4: mechanisms that show the password are not offered without TLS.
        const mayLogIn = connection.secure || this.options.allowInsecureAuth === true;
        send(code, mayLogIn ? data : data.filter((line) => !line.startsWith('AUTH ')), context);
        return;
      }
      // Our texts bring their own status (RFC 3463), which says more than one made from the code.
      const ownStatus = typeof data === 'string' && /^[245]\.\d{1,3}\.\d{1,3} /.test(data);
      send(code, data, ownStatus ? false : context);
      // RFC 7504 §2: 521 is said by who takes no mail here; what is pipelined behind it is not obeyed.
      if (code === 521) connection.close();
    };
    connection.connectionReady();
  }

  async open(place: SubmissionPlace): Promise<{ host: string; port: number }> {
    // Errors of single connections (resets, failed handshakes) concern their clients alone.
    let onError = (_error: Error): void => {};
    this.on('error', (error) => onError(error));
    if (place.kind === 'local') await removeStale(place.path);
    await new Promise<void>((resolve, reject) => {
      const at =
        place.kind === 'local'
          ? { host: place.path, port: 0, key: 'inbound.submission.socket' }
          : { ...place.listen, key: place.configKey };
      onError = (error) => reject(listenFailure(error, at));
      const listening = (): void => {
        onError = () => {};
        resolve();
      };
      if (place.kind === 'local') this.listen(place.path, listening);
      else this.listen(place.listen.port, place.listen.host, listening);
    });
    const bound = this.server.address();
    if (place.kind === 'local') {
      chmodSync(place.path, socketMode);
      return { host: place.path, port: 0 };
    }
    if (bound === null || typeof bound === 'string') throw new Error('not listening on an IP address');
    return { host: bound.address, port: bound.port };
  }

  async end(graceMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.options.closeTimeout = graceMs;
      this.close(resolve);
      this.#sessions.end();
    });
  }
}

function serverOptions(place: SubmissionPlace, parts: SubmissionParts): SMTPServerOptions {
  const { rules, limits, clearLoopback } = parts;
  const noMail = ['WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD', 'HELP'];
  const common: SMTPServerOptions = {
    name: rules.hostname,
    banner: 'Todoku',
    heloResponse: '%s',
    // A name behind the address decides nothing, and asking for it would wait on strangers' DNS.
    disableReverseLookup: true,
    size: limits.messageBytes,
    maxRecipients: limits.recipients,
    maxCommandLength: commandOctets,
    socketTimeout: limits.idleMs,
    logger: false,
    hideENHANCEDSTATUSCODES: false,
    hideDSN: false,
    // What RFC 5321 wants of a local part `a..b@docomo.ne.jp` does not have; readAddress decides.
    lenientAddressParsing: true,
  };
  if (place.kind === 'local')
    return { ...common, authOptional: true, disabledCommands: [...noMail, 'AUTH', 'STARTTLS'] };
  return {
    ...common,
    secure: place.kind === 'implicit',
    key: place.tls.key,
    cert: place.tls.cert,
    // RFC 8314 §4.1: TLS 1.2 or above.
    minVersion: 'TLSv1.2',
    authMethods: ['PLAIN', 'LOGIN'],
    allowInsecureAuth: clearLoopback,
    hideREQUIRETLS: false,
    disabledCommands: noMail,
  };
}

function handlersOf(sessions: Sessions, connections: () => SMTPServer['connections']): SMTPServerOptions {
  return {
    onConnect(session, done) {
      // The newest is looked at first: it is the one, unless a TLS handshake overtook it.
      const connection = [...connections()].toReversed().find(({ id }) => id === session.id);
      sessions.connect(session, connection, done);
    },
    onClose: (session) => sessions.close(session),
    onAuth: (auth, session, done) => sessions.auth(auth, session, done),
    onMailFrom: (address, session, done) => sessions.mail(address, session, done),
    onRcptTo: (address, session, done) => sessions.recipient(address, session, done),
    onData: (stream, session, done) => sessions.data(stream, session, done),
  };
}

/** A socket that a killed process left behind; one that answers belongs to another Todoku and stays. */
async function removeStale(path: string): Promise<void> {
  const answers = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (!answers) rmSync(path, { force: true });
}
