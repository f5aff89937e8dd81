import { Channel } from './channel.ts';
import { connect } from './connect.ts';
import { greet } from './greeting.ts';
import type { Dial, DialOptions, DialResult } from './contract.ts';
import { ClientSession } from './session.ts';

// RFC 5321 §4.1.1.1: a domain or an address literal; anything that could end the command line is refused.
const helloArgument = /^[\w.:[\]-]{1,255}$/;

/** Connects, greets, starts TLS; never rejects. */
export const dial: Dial = async (options: DialOptions): Promise<DialResult> => {
  if (!helloArgument.test(options.hostname)) {
    const text = `${JSON.stringify(options.hostname)} cannot be sent as the name of this host`;
    return {
      ok: false,
      failure: { origin: 'local', stage: 'connect', cause: 'connect-local', text },
      tls: null,
    };
  }
  const connected = await connect(options);
  if (!connected.ok) {
    const { cause, text } = connected;
    return { ok: false, failure: { origin: 'local', stage: 'connect', cause, text }, tls: null };
  }
  const channel = new Channel(connected.socket, options.clock);
  const greeted = await greet(channel, options);
  if (!greeted.ok) {
    channel.close();
    return greeted;
  }
  const { extensions, tls } = greeted;
  const pipelining = extensions.pipelining && options.pipelining !== false;
  // Without PIPELINING nothing is gained by BDAT: it has as many round trips less as its refusal has pitfalls more.
  const chunking = pipelining && extensions.chunking && options.chunking === true;
  const { timeouts, onSuspect } = options;
  const session = new ClientSession(channel, {
    extensions,
    tls,
    timeouts,
    pipelining,
    chunking,
    onSuspect: onSuspect ?? null,
  });
  return { ok: true, session };
};
