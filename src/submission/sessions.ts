import type {
  SMTPServer,
  SMTPServerAddress,
  SMTPServerAuthentication,
  SMTPServerAuthenticationResponse,
  SMTPServerDataStream,
  SMTPServerSession,
} from 'smtp-server';
import { StorageFull } from '../base/index.ts';
import type { Timer } from '../base/index.ts';
import { createClientLimits, refusalError } from '../net/smtp-server/index.ts';
import type { ClientLimits, Refusal } from '../net/smtp-server/index.ts';
import { envelopeOf, recipientRefusal, senderRefusal } from './envelope.ts';
import { readIncoming } from './incoming-mail.ts';
import { attemptOf, isLoopback, logIn } from './login.ts';
import type { Login } from './login.ts';
import { createLoginGuard } from './login-guard.ts';
import type { LoginGuard } from './login-guard.ts';
import { createMailRoom } from './mail-room.ts';
import type { MailRoom } from './mail-room.ts';
import type { SubmissionParts, SubmissionPlace } from './options.ts';
import { readSubmission } from './read-submission.ts';
import { refusals } from './refusals.ts';

/** Limits that hold over all doors together. */
export type SharedLimits = {
  readonly clients: ClientLimits;
  readonly guard: LoginGuard;
  readonly room: MailRoom;
};

export function sharedLimits({ clock, limits }: SubmissionParts): SharedLimits {
  return {
    // Mails are counted by key, not by address: a rack of applications may stand behind one.
    clients: createClientLimits({ clock, ...limits, mailsPerMinute: 1 }),
    guard: createLoginGuard(clock),
    room: createMailRoom(clock, Math.max(limits.memoryBytes, limits.messageBytes)),
  };
}

type Connection = SMTPServer['connections'] extends Set<infer Each> ? Each : never;
type Done = (error?: Error | null) => void;
type Place = {
  readonly connection: Connection;
  readonly sessionTimer: Timer;
  login: Login | null;
  failedLogins: number;
  declaredBytes: number | null;
  inData: boolean;
};

// Clients that try on in one session are guessing; the others have said what is wrong by then.
const mostFailedLogins = 3;

/** What becomes of the commands of all sessions of one door. */
export class Sessions {
  readonly #parts: SubmissionParts;
  readonly #shared: SharedLimits;
  readonly #place: SubmissionPlace;
  readonly #places = new Map<string, Place>();
  #isEnding = false;

  constructor(parts: SubmissionParts, shared: SharedLimits, place: SubmissionPlace) {
    this.#parts = parts;
    this.#shared = shared;
    this.#place = place;
  }

  connect(session: SMTPServerSession, connection: Connection | undefined, done: Done): void {
    const { clock, limits } = this.#parts;
    const { clients, guard } = this.#shared;
    if (connection === undefined) return;
    if (guard.isShutOut(session.remoteAddress)) {
      this.#refuse(done, refusals.tooManyFailures, null);
      return;
    }
    const answer = clients.connected(session.id, session.remoteAddress);
    if (answer !== 'fine') {
      const refusal = answer === 'too-many' ? refusals.tooManyConnections : refusals.tooManyOfClient;
      this.#refuse(done, refusal, null);
      return;
    }
    const sessionTimer = clock.after(limits.sessionMs, () =>
      connection.send(refusals.tooLong.code, refusals.tooLong.text),
    );
    // Who could open the socket may send; there is no token to ask for again.
    const login = this.#place.kind === 'local' ? { key: this.#place.key, token: '' } : null;
    this.#places.set(session.id, {
      connection,
      sessionTimer,
      login,
      failedLogins: 0,
      declaredBytes: null,
      inData: false,
    });
    done();
  }

  close(session: SMTPServerSession): void {
    this.#shared.clients.closed(session.id);
    this.#places.get(session.id)?.sessionTimer.cancel();
    this.#places.delete(session.id);
  }

  auth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    done: (error: Error | null, response?: SMTPServerAuthenticationResponse) => void,
  ): void {
    const place = this.#places.get(session.id);
    const { clock, gate, clearLoopback, onNews } = this.#parts;
    if (place === undefined) return;
    if (!session.secure && !(clearLoopback && isLoopback(session.remoteAddress))) {
      done(refusalError(refusals.needsTls));
      return;
    }
    const { guard } = this.#shared;
    const attempt = attemptOf(auth, session);
    const answer = (): void => {
      // It went away while it was held back.
      if (!this.#places.has(session.id)) return;
      const given = logIn(gate, auth);
      if (given.ok) {
        guard.succeeded(attempt);
        place.login = given.login;
        done(null, { user: given.login.key.id });
        return;
      }
      guard.failed(attempt);
      place.failedLogins += 1;
      onNews({ kind: 'login-failed', address: session.remoteAddress });
      done(refusalError(place.failedLogins < mostFailedLogins ? given.refusal : refusals.tooManyFailures));
    };
    const delayMs = guard.delayMs(attempt);
    if (delayMs === 0) answer();
    else clock.after(delayMs, answer);
  }

  mail(address: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const { gate, limiter, limits, rules } = this.#parts;
    const place = this.#places.get(session.id);
    const login = place?.login ?? null;
    // smtp-server asks for AUTH before this; an open relay must not hang on one library's order of checks.
    if (place === undefined || login === null) {
      this.#refuse(done, session.secure ? refusals.needsLogin : refusals.needsTls, null);
      return;
    }
    const { key } = login;
    if (login.token !== '' && gate.check(login.token) === null) {
      this.#refuse(done, refusals.revoked, key.id);
      return;
    }
    const refusal = senderRefusal(address.address, session.envelope, { key, rules });
    if (refusal !== null) {
      this.#refuse(done, refusal, key.id);
      return;
    }
    const perMinute = key.requestsPerMinute ?? limits.mailsPerMinute;
    if (perMinute !== null && !limiter.take(key.id, perMinute).allowed) {
      this.#refuse(done, refusals.tooFast, key.id);
      return;
    }
    const size = address.args === false ? undefined : address.args['SIZE'];
    place.declaredBytes = typeof size === 'string' && Number(size) > 0 ? Number(size) : null;
    // Not at once: when commands are pipelined behind a mail, smtp-server's parser obeys them from within its own `continue`,
    // and one that got as far as the next mail's end would be forgotten there (a session that hangs, seen with 3.21.6).
    queueMicrotask(() => done());
  }

  recipient(address: SMTPServerAddress, session: SMTPServerSession, done: Done): void {
    const refusal = recipientRefusal(address, session.envelope);
    if (refusal === null) done();
    else this.#refuse(done, refusal, this.#places.get(session.id)?.login?.key.id ?? null);
  }

  data(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error?: Error | null, text?: string) => void,
  ): void {
    const place = this.#places.get(session.id);
    if (place === undefined || place.login === null) {
      this.#refuse(done, refusals.needsLogin, null);
      return;
    }
    const { key } = place.login;
    const { clock, limits, onTrouble } = this.#parts;
    place.inData = true;
    const timer = clock.after(limits.dataMs, () =>
      place.connection.send(refusals.tooSlow.code, refusals.tooSlow.text),
    );
    const answer = async (): Promise<void> => {
      const taken = await this.#take(stream, session, place);
      place.inData = false;
      if (typeof taken === 'string') done(null, `2.0.0 Accepted as ${taken}`);
      else if (taken !== null) this.#refuse(done, taken, key.id);
      if (this.#isEnding) bidGoodbye(place);
    };
    // A fault in answering: the session ends by its limits.
    answer()
      .catch((error: unknown) => onTrouble(error))
      .finally(() => timer.cancel());
  }

  /** The mail's name once it is durable, or why not; null: the client went away. */
  async #take(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    place: Place,
  ): Promise<string | Refusal | null> {
    const { limits, onTrouble } = this.#parts;
    const { room } = this.#shared;
    const { declaredBytes } = place;
    try {
      const mail = await readIncoming(stream, { room, messageBytes: limits.messageBytes, declaredBytes });
      if (!mail.ok) return mail.refusal;
      try {
        return await this.#accept(mail.bytes, session, place);
      } finally {
        mail.release();
      }
    } catch (error) {
      // What smtp-server ends the stream with when the connection is lost before the final dot.
      if (stream.destroyed && !this.#places.has(session.id)) return null;
      if (isLostConnection(error)) return null;
      onTrouble(error);
      return error instanceof StorageFull ? refusals.noRoom : refusals.failed;
    }
  }

  async #accept(bytes: Buffer, session: SMTPServerSession, place: Place): Promise<string | Refusal> {
    const { clock, rules, outbox, onNews } = this.#parts;
    if (place.login === null) return refusals.needsLogin;
    const { key } = place.login;
    const isLocal = this.#place.kind === 'local';
    const reading = readSubmission(
      {
        bytes,
        envelope: envelopeOf(session.envelope),
        client: {
          address: isLocal ? null : session.remoteAddress,
          helo: session.hostNameAppearsAs,
          // RFC 6531 §4.3: UTF8SMTPSA is what ESMTPSA is with SMTPUTF8.
          protocol:
            session.envelope.smtpUtf8 === true
              ? session.transmissionType.replace(/^ESMTP/, 'UTF8SMTP')
              : session.transmissionType,
        },
        key,
        via: isLocal ? 'sendmail' : 'smtp',
        nowMs: clock.now(),
      },
      rules,
    );
    if (!reading.ok) return reading.refusal;
    const answer = await outbox.accept(reading.mail);
    switch (answer.kind) {
      case 'accepted':
        onNews({ kind: 'accepted', id: answer.id, recipients: answer.messages.length, key: key.id });
        return answer.id;
      case 'disk-full':
        return refusals.noRoom;
      case 'stopping':
        return refusals.stopping;
      case 'idempotency-conflict':
        return refusals.failed;
    }
  }

  #refuse(done: Done, refusal: Refusal, key: string | null): void {
    this.#parts.onNews({ kind: 'refused', refusal, key });
    done(refusalError(refusal));
  }

  /** Says goodbye to sessions that are between mails, to the others after theirs; smtp-server would wait out its grace. */
  end(): void {
    this.#isEnding = true;
    for (const place of this.#places.values()) if (!place.inData) bidGoodbye(place);
  }
}

function bidGoodbye({ connection }: Place): void {
  connection.send(refusals.stopping.code, refusals.stopping.text);
}

function isLostConnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ECONNECTION' || error.code === 'ERR_STREAM_PREMATURE_CLOSE')
  );
}
