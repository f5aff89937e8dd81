import { SMTPServer } from 'smtp-server';
import type { SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { StorageFull } from '../base/index.ts';
import type { Clock, Timer } from '../base/index.ts';
import { createClientLimits, listenFailure, refusalError } from '../net/smtp-server/index.ts';
import type { ClientLimits, Refusal } from '../net/smtp-server/index.ts';
import type { IntakeBatch } from './batch.ts';
import type { TlsIdentity } from './certificate.ts';
import type { Destination } from './destination.ts';
import type { Disposition } from './intake.ts';
import { refusals } from './refusal.ts';
import { smuggles } from './smuggling.ts';

export type ListenerOptions = {
  /** Port 0: a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Name to greet with. */
  readonly hostname: string;
  readonly tls: TlsIdentity;
  readonly destination: (address: string) => Destination;
  readonly batch: IntakeBatch;
  readonly clock: Clock;
  readonly limits: ListenerLimits;
  /** Looks at mail to diagnosis addresses; null: there are none. */
  readonly diagnose: Diagnose | null;
  /** A mail was taken, or a client refused. */
  readonly onNews: (news: ListenerNews) => void;
  /** A mail could not be taken: a full disk, or a fault. */
  readonly onTrouble: (error: unknown) => void;
};

/** A mail to a diagnosis address, with what only the server sees of it. */
export type DiagnosisMail = {
  readonly mail: Buffer;
  readonly token: string;
  readonly ip: string;
  readonly helo: string;
  /** Of MAIL FROM; empty for a bounce. */
  readonly sender: string;
};

/** `taken`: the result is on the disk; `over`: the address is too old, or had its mails; `busy`: too many for everybody. */
export type Diagnose = (mail: DiagnosisMail) => Promise<'taken' | 'over' | 'busy'>;

export type ListenerLimits = {
  readonly messageBytes: number;
  readonly connections: number;
  readonly connectionsPerClient: number;
  readonly mailsPerMinute: number;
  readonly recipients: number;
  /** Silence of a client. */
  readonly idleMs: number;
  /** A whole session, however busy: a client that trickles bytes holds a place no longer. */
  readonly sessionMs: number;
};

export type ListenerNews =
  | { readonly kind: 'taken'; readonly disposition: Disposition }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export type Listener = {
  readonly host: string;
  readonly port: number;
  /** Takes no new connections, lets mail under way end for `graceMs`; may be called again. */
  close(graceMs: number): Promise<void>;
};

// Honest senders have one wrong address; who guesses seals brings many.
const mostRefusedRecipients = 10;
// RFC 5321 §4.5.3.1.4: 512 octets for a command line, more with parameters of extensions.
const commandOctets = 2_048;
// Mail in memory over all sessions: beyond it the next is asked to come again.
const mostBytesInMemory = 256 * 1_024 * 1_024;

/** Starts the SMTP server for returned mail; rejects with an `AppError` when the address cannot be had. */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const intake = new Sessions(options);
  const server = new SMTPServer({
    name: options.hostname,
    banner: 'returned mail and reports only',
    // Nobody logs in here; submission is another door.
    authOptional: true,
    disabledCommands: ['AUTH', 'VRFY', 'HELP'],
    // A name behind the address decides nothing, and asking for it would wait on strangers' DNS.
    disableReverseLookup: true,
    key: options.tls.key,
    cert: options.tls.cert,
    size: options.limits.messageBytes,
    maxRecipients: options.limits.recipients,
    maxCommandLength: commandOctets,
    socketTimeout: options.limits.idleMs,
    logger: false,
    onConnect: (session, done) => intake.connect(session, done, server),
    onClose: (session) => intake.close(session),
    onMailFrom: ({ args }, session, done) =>
      intake.mail(session, args === false ? undefined : args['SIZE'], done),
    onRcptTo: ({ address }, session, done) => intake.recipient(session, address, done),
    onData: (stream, session, done) => intake.data(stream, session, done),
  });
  // Errors of single connections (resets, failed handshakes) concern their clients alone.
  let onError = (_error: Error): void => {};
  server.on('error', (error) => onError(error));
  const { host, port } = options.listen;
  await new Promise<void>((resolve, reject) => {
    onError = (error) => reject(listenFailure(error, { ...options.listen, key: 'inbound.listen' }));
    server.listen(port, host, () => {
      onError = () => {};
      resolve();
    });
  });
  const bound = server.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on an IP address');
  let closing: Promise<void> | null = null;
  return {
    host: bound.address,
    port: bound.port,
    close(graceMs) {
      closing ??= new Promise<void>((resolve) => {
        server.options.closeTimeout = graceMs;
        server.close(resolve);
        intake.endIdle(server);
      });
      return closing;
    },
  };
}

type Done = (error?: Error | null) => void;
type Place = { refused: number; inData: boolean; readonly timer: Timer };

/** What is known of the open sessions. */
class Sessions {
  readonly #options: ListenerOptions;
  readonly #limits: ClientLimits;
  readonly #places = new Map<string, Place>();
  #bytesInMemory = 0;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = createClientLimits({ clock: options.clock, ...options.limits });
  }

  connect(session: SMTPServerSession, done: Done, server: SMTPServer): void {
    const { clock, limits } = this.#options;
    const answer = this.#limits.connected(session.id, session.remoteAddress);
    if (answer !== 'fine') {
      this.#refuse(done, answer === 'too-many' ? refusals.tooManyConnections : refusals.tooManyOfClient);
      return;
    }
    const timer = clock.after(limits.sessionMs, () => {
      for (const connection of server.connections)
        if (connection.id === session.id) connection.send(refusals.tooLong.code, refusals.tooLong.text);
    });
    this.#places.set(session.id, { refused: 0, inData: false, timer });
    done();
  }

  close(session: SMTPServerSession): void {
    this.#limits.closed(session.id);
    this.#places.get(session.id)?.timer.cancel();
    this.#places.delete(session.id);
  }

  mail(session: SMTPServerSession, size: string | true | undefined, done: Done): void {
    const declared = typeof size === 'string' ? Number(size) : 0;
    // RFC 1870 §6.1: a declared size that is too large is refused before the mail is sent.
    if (declared > this.#options.limits.messageBytes) this.#refuse(done, refusals.tooLarge);
    else if (!this.#limits.mail(session.remoteAddress)) this.#refuse(done, refusals.tooFast);
    else if (this.#bytesInMemory > mostBytesInMemory) this.#refuse(done, refusals.noRoom);
    else done();
  }

  recipient(session: SMTPServerSession, address: string, done: Done): void {
    const refusal = recipientRefusal(this.#options.destination(address));
    const place = this.#places.get(session.id);
    if (refusal === null || place === undefined) {
      done();
      return;
    }
    place.refused += 1;
    this.#refuse(done, place.refused > mostRefusedRecipients ? refusals.tooManyRefused : refusal);
  }

  data(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error?: Error | null, text?: string) => void,
  ): void {
    const { limits } = this.#options;
    const chunks: Buffer[] = [];
    let held = 0;
    const release = (): void => {
      this.#bytesInMemory -= held;
      held = 0;
      chunks.length = 0;
      if (place !== undefined) place.inData = false;
    };
    const place = this.#places.get(session.id);
    if (place !== undefined) place.inData = true;
    stream.on('data', (chunk: Buffer) => {
      // What goes over the limit is read to its end, since a client listens only then, but not kept.
      if (stream.sizeExceeded || stream.byteLength > limits.messageBytes) return;
      chunks.push(chunk);
      held += chunk.length;
      this.#bytesInMemory += chunk.length;
    });
    // The client went away in the middle: it will come again.
    stream.on('error', release);
    stream.on('end', () => {
      if (stream.sizeExceeded || stream.byteLength > limits.messageBytes) {
        release();
        this.#refuse(done, refusals.tooLarge);
        return;
      }
      const mail = Buffer.concat(chunks);
      const recipients = session.envelope.rcptTo.map(({ address }) => address);
      const answer = async (): Promise<void> => {
        const refusal = await this.#answerFor(mail, recipients, session);
        release();
        if (refusal === null) done(null, '2.0.0 Taken');
        else this.#refuse(done, refusal);
      };
      // A fault in answering: the session ends by its limits.
      answer().catch((error: unknown) => this.#options.onTrouble(error));
    });
  }

  /** One reply for all recipients; a mail to a diagnosis address is looked at while its client waits, which is seconds. */
  async #answerFor(
    mail: Buffer,
    recipients: readonly string[],
    session: SMTPServerSession,
  ): Promise<Refusal | null> {
    const read = recipients.map((address) => ({ address, to: this.#options.destination(address) }));
    const others = read.filter(({ to }) => to.kind !== 'diagnosis').map(({ address }) => address);
    const token = read
      .map(({ to }) => (to.kind === 'diagnosis' ? to.token : null))
      .find((each) => each !== null);
    const refusal = token === undefined ? null : await this.#diagnose(mail, token, session);
    return refusal === null && others.length > 0 ? await this.#take(mail, others) : refusal;
  }

  async #diagnose(mail: Buffer, token: string, session: SMTPServerSession): Promise<Refusal | null> {
    const { diagnose, onTrouble, onNews } = this.#options;
    if (diagnose === null) return refusals.unknownMailbox;
    const { mailFrom } = session.envelope;
    const sender = mailFrom === false ? '' : mailFrom.address;
    try {
      // A dual-stack socket shows IPv4 clients as mapped addresses (RFC 4291 §2.5.5.2).
      const ip = session.remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
      const answer = await diagnose({ mail, token, ip, helo: session.hostNameAppearsAs, sender });
      if (answer === 'over') return refusals.diagnosisOver;
      if (answer === 'busy') return refusals.diagnosisBusy;
      onNews({ kind: 'taken', disposition: 'kept' });
      return null;
    } catch (error) {
      onTrouble(error);
      return error instanceof StorageFull ? refusals.noRoom : refusals.failed;
    }
  }

  /** 250 means: what the mail says is on the disk. */
  async #take(mail: Buffer, recipients: readonly string[]): Promise<Refusal | null> {
    if (smuggles(mail)) return refusals.smuggling;
    const { batch, clock, onNews, onTrouble } = this.#options;
    try {
      const answer = await batch.add({ mail, recipients, via: 'smtp', atMs: clock.now() });
      if (answer === 'no-room') return refusals.noRoom;
      if (answer === 'busy') return refusals.busy;
      onNews({ kind: 'taken', disposition: answer });
      return null;
    } catch (error) {
      onTrouble(error);
      return error instanceof StorageFull ? refusals.noRoom : refusals.failed;
    }
  }

  #refuse(done: Done, refusal: Refusal): void {
    this.#options.onNews({ kind: 'refused', refusal });
    done(refusalError(refusal));
  }

  /** Says goodbye to sessions that are between mails; smtp-server would wait out its grace for each of them. */
  endIdle(server: SMTPServer): void {
    for (const connection of server.connections)
      if (this.#places.get(connection.id)?.inData !== true)
        connection.send(421, '4.3.2 Shutting down, try again later');
  }
}

function recipientRefusal(destination: Destination): Refusal | null {
  switch (destination.kind) {
    case 'return-path':
    case 'unsubscribe':
    case 'diagnosis':
    case 'role':
      return null;
    case 'forged':
      return refusals.forged;
    case 'unknown':
      return destination.reason === 'other-domain' ? refusals.otherDomain : refusals.unknownMailbox;
  }
}
