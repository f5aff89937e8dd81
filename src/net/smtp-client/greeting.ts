import type { LocalCause, Stage, TlsFacts, TlsProblem } from '../../events/index.ts';
import type { Reply } from '../../protocol/smtp/index.ts';
import type { Channel } from './channel.ts';
import { noExtensions, readExtensions } from './extensions.ts';
import type { DialOptions, Extensions, SmtpFailure } from './contract.ts';

/** The reply to one command, or the end of the channel. */
type Answer =
  | { readonly ok: true; readonly reply: Reply }
  | {
      readonly ok: false;
      readonly cause: LocalCause;
      readonly text: string;
      /** The reply came, and more behind it that nothing had asked for. */
      readonly more?: true;
    };

/** What the greeting found out; `tls` is also known when it failed afterwards. */
export type Greeted =
  | { readonly ok: true; readonly extensions: Extensions; readonly tls: TlsFacts | null }
  | { readonly ok: false; readonly failure: SmtpFailure; readonly tls: TlsFacts | null };

type Step<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: SmtpFailure };

/** Banner, EHLO or HELO, STARTTLS and EHLO again. Never rejects; a failed greeting leaves the channel to be closed. */
export async function greet(channel: Channel, options: DialOptions): Promise<Greeted> {
  const banner = await ask(channel, null, options.timeouts.bannerMs);
  const refusedBanner = refused('banner', banner);
  if (refusedBanner !== null) return { ok: false, failure: refusedBanner, tls: null };
  const clear = await hello(channel, options);
  if (!clear.ok) return { ...clear, tls: null };
  const mode = options.tls.mode;
  // RFC 8689 §2: offered in the clear it means nothing.
  const unproven = { ...clear.value, requireTls: false };
  if (mode === 'none') return { ok: true, extensions: unproven, tls: null };
  if (!clear.value.startTls) {
    const text = 'the server does not offer STARTTLS, which is required';
    if (mode === 'required')
      return { ok: false, failure: local('starttls', 'tls-unavailable', text), tls: null };
    return { ok: true, extensions: unproven, tls: null };
  }
  const secured = await startTls(channel, options);
  if (!secured.ok) return { ...secured, tls: null };
  const failure = proofFailure(secured.value, options);
  if (failure !== null) return { ok: false, failure, tls: secured.value };
  if (secured.value === null) return { ok: true, extensions: unproven, tls: null };
  // RFC 3207 §4.2: everything learned before the handshake is forgotten.
  const again = await hello(channel, options);
  if (!again.ok) return { ...again, tls: secured.value };
  // RFC 8689 §4.2.1: the name of the host and its certificate count as much as the offer.
  const requireTls = again.value.requireTls && secured.value.verified && options.tls.hostTrusted === true;
  return { ok: true, extensions: { ...again.value, requireTls }, tls: secured.value };
}

/** EHLO, or HELO where that is not understood (RFC 5321 §3.2). */
async function hello(channel: Channel, options: DialOptions): Promise<Step<Extensions>> {
  const { timeouts, hostname } = options;
  const ehlo = await ask(channel, `EHLO ${hostname}\r\n`, timeouts.commandMs);
  const ehloRefused = refused('ehlo', ehlo);
  if (ehloRefused === null) return { ok: true, value: ehlo.ok ? readExtensions(ehlo.reply) : noExtensions };
  const code = ehlo.ok ? ehlo.reply.code : 0;
  if (code < 500) return { ok: false, failure: ehloRefused };
  const helo = await ask(channel, `HELO ${hostname}\r\n`, timeouts.commandMs);
  const heloRefused = refused('ehlo', helo);
  if (heloRefused === null) return { ok: true, value: noExtensions };
  // RFC 5321 §4.2.4: 500 to 504 say that the command is unknown, so the reply to HELO has the reason. Any other refusal
  // of EHLO was about us, and a server often hangs up behind it.
  return { ok: false, failure: code <= 504 ? heloRefused : ehloRefused };
}

/** The TLS facts; null when the server refused and clear text is allowed. */
async function startTls(channel: Channel, options: DialOptions): Promise<Step<TlsFacts | null>> {
  const answer = await ask(channel, 'STARTTLS\r\n', options.timeouts.commandMs);
  if (!answer.ok && answer.more === true) {
    // RFC 3207 §6 and CVE-2011-0411: clear text behind the 220 would be read as if it had come under TLS.
    const text = 'the server sent clear text behind its reply to STARTTLS';
    return { ok: false, failure: local('starttls', 'tls-failed', text) };
  }
  const failure = refused('starttls', answer);
  if (failure !== null) {
    // RFC 3207 §4: after 454 the client decides whether to go on; opportunistic means yes.
    const goOn = failure.origin === 'remote' && failure.reply.code !== 421 && options.tls.mode !== 'required';
    return goOn ? { ok: true, value: null } : { ok: false, failure };
  }
  const { commandMs } = options.timeouts;
  const slow = options.clock.after(commandMs, () => channel.close());
  const secured = await channel.startTls({
    host: options.host,
    context: options.tls.context,
    proof: options.tls.proof ?? null,
  });
  slow.cancel();
  if (secured.ok) return { ok: true, value: secured.facts };
  const cause = secured.tooOld ? 'tls-too-old' : 'tls-failed';
  return { ok: false, failure: local('starttls', cause, `TLS handshake failed: ${secured.text}`) };
}

const proofCauses: { readonly [Problem in TlsProblem]: LocalCause } = {
  'self-signed': 'certificate-self-signed',
  untrusted: 'certificate-untrusted',
  expired: 'certificate-expired',
  'name-mismatch': 'certificate-name',
  'dane-mismatch': 'dane-mismatch',
};

/** What the server was to prove and could not; null: nothing was asked, or it did. */
function proofFailure(facts: TlsFacts | null, { tls, host }: DialOptions): SmtpFailure | null {
  if (facts?.problem === undefined || tls.proof === undefined) return null;
  const demanded = tls.proof.by === 'dane' ? 'its TLSA records' : 'a valid certificate';
  const text = `${host} did not prove who it is: ${facts.problem} (${demanded} demanded)`;
  return local('starttls', proofCauses[facts.problem], text);
}

/** Writes a command (or only waits, for the banner) and gives the one reply to it. */
function ask(channel: Channel, command: string | null, timeoutMs: number): Promise<Answer> {
  if (channel.end !== null) return Promise.resolve({ ok: false, ...channel.end });
  return new Promise((resolve) => {
    channel.listener = {
      reply: (reply) => {
        channel.disarm();
        channel.listener = null;
        // More than the one reply: the next one would be taken for the answer to a command not written yet. A refusal
        // stands all the same: servers say why, then 421, then hang up.
        const text = 'more than one reply to one command';
        const more = channel.pending && reply.code < 400;
        if (more) resolve({ ok: false, cause: 'reply-malformed', text, more });
        else resolve({ ok: true, reply });
      },
      expired: () => resolve({ ok: false, cause: 'reply-timeout', text: `no reply within ${timeoutMs} ms` }),
      ended: (end) => resolve({ ok: false, ...end }),
    };
    channel.arm(timeoutMs);
    if (command !== null) channel.write(command);
  });
}

/** null for a 2xx. A 3xx has no meaning in a greeting. */
function refused(stage: Stage, answer: Answer): SmtpFailure | null {
  if (!answer.ok) return local(stage, answer.cause, answer.text);
  const { reply } = answer;
  if (reply.code < 300) return null;
  if (reply.code < 400) return local(stage, 'reply-malformed', `unexpected reply ${reply.code} to ${stage}`);
  return { origin: 'remote', stage, reply };
}

function local(stage: Stage, cause: LocalCause, text: string): SmtpFailure {
  return { origin: 'local', stage, cause, text };
}
