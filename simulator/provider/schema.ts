import { z } from 'zod';

// The data files of simulator/providers: how one mailbox provider behaves. Times are real ones; the simulator's
// `timeScale` shortens them.

const share = z.number().min(0).max(1);
const seconds = z.number().positive();
const identifier = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const verdict = z.string().regex(/^[a-z]+$/);
const hostname = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);

/** Reply as sent: one line, or several as `550-…` and `550 …`. {ip} {host} {recipient} {local} {domain} {id} are filled in. */
const reply = z
  .string()
  .transform((text) => text.trimEnd().split('\n'))
  .refine((lines) => lines.every((line, index) => isReplyLine(line, index === lines.length - 1)), {
    message: 'each line is NNN-text, the last NNN text (RFC 5321 §4.2.1)',
  });

function isReplyLine(line: string, last: boolean): boolean {
  return (last ? /^[2-5]\d\d( |$)/ : /^[2-5]\d\d-/).test(line);
}

const host = z.strictObject({
  name: hostname,
  /** Its own loopback address, so that addresses alone tell the providers apart. */
  address: z.string().regex(/^127\.1\.\d{1,3}\.\d{1,3}$/),
  preference: z.number().int().min(0).max(65_535).default(10),
  /** `refused`: nothing listens there. `silent`: connects, then says nothing. */
  state: z.enum(['up', 'refused', 'silent']).default('up'),
});

/** What happens to some recipients. The first in the list that applies to a recipient at a stage decides. */
const behaviour = z
  .strictObject({
    id: identifier,
    /** Part of the recipients, chosen by hash of seed and address. */
    share: share.default(1),
    /** Only local parts (unquoted, lower case) that match. */
    localPart: z
      .string()
      .transform((source) => new RegExp(source, 'u'))
      .optional(),
    /** Only messages that have one of these words anywhere, in whatever encoding; only at stage eom. */
    words: z.array(z.string().min(1)).nonempty().optional(),
    stage: z.enum(['rcpt', 'eom']).default('rcpt'),
    reply: reply.optional(),
    /** Ends the connection instead of replying. */
    drop: z.enum(['close', 'reset']).optional(),
    /** For a drop after the final dot: whether the message was kept all the same. */
    stored: z.boolean().default(false),
    /** Closes the connection after the reply. */
    close: z.boolean().default(false),
    /** Waits before the reply, the drop, or (with neither) before going on. */
    delayMs: z.number().int().min(0).default(0),
    /** Only the first N times per recipient … */
    times: z.number().int().positive().optional(),
    /** … or only until this long after the first time. */
    forSeconds: seconds.optional(),
    /** What the sender should make of it in the end; required when it is final. */
    verdict: verdict.optional(),
    /** Where the text is from. */
    source: z.string().optional(),
  })
  .refine((value) => value.reply === undefined || value.drop === undefined, {
    message: 'reply and drop exclude each other',
  })
  .refine((value) => value.words === undefined || value.stage === 'eom', {
    message: 'words are only known at stage eom',
  })
  .refine((value) => !isFinal(value) || value.verdict !== undefined, {
    message: 'a refusal for good needs its verdict',
  })
  .refine((value) => value.reply?.[0]?.[0] !== '5' || isFinal(value), {
    message: 'a 5xx reply cannot be for some time only: senders do not come back (RFC 5321 §4.2.1)',
  });

function isFinal(value: {
  readonly reply?: readonly string[] | undefined;
  readonly times?: number | undefined;
  readonly forSeconds?: number | undefined;
}): boolean {
  return value.reply !== undefined && value.times === undefined && value.forSeconds === undefined;
}

/** What some recipients send back after their mail was taken, once; the first that applies. */
const returned = z.strictObject({
  id: identifier,
  /** Part of the recipients, chosen by hash of seed and address. */
  share: share.default(1),
  /** `forged-…`: by somebody who has no seal: a made-up one, a genuine one at another domain, a Message-ID alone. */
  kind: z.enum([
    'bounce',
    'delay',
    'complaint',
    'auto-reply',
    'answer',
    'forged-seal',
    'forged-domain',
    'forged-header',
  ]),
  afterSeconds: z.number().min(0).default(0),
  /** Of bounces and delays: the last server's words. {recipient} is filled in. */
  reply: z
    .string()
    .regex(/^[45]\d\d .+$/)
    .default('550 5.1.1 <{recipient}>: Recipient address rejected: User unknown'),
});

export const providerSchema = z.strictObject({
  id: identifier,
  name: z.strictObject({ ja: z.string().min(1), en: z.string().min(1) }),
  domains: z.array(hostname).nonempty(),
  /** Takes recipients of every domain: for senders that route past the MX look-up. */
  anyDomain: z.boolean().default(false),
  /** How the domains lead to the hosts: MX, only an address (RFC 5321 §5.1), or null MX (RFC 7505). */
  resolves: z.enum(['mx', 'address', 'null-mx']).default('mx'),
  hosts: z.array(host).default([]),
  startTls: z.enum(['none', 'offered', 'required']).default('offered'),
  chunking: z.boolean().default(false),
  sizeLimitOctets: z.number().int().positive().default(10_485_760),
  /** Text of the 220 and of the 250 after the final dot. */
  banner: reply.optional(),
  accepted: reply.optional(),
  delaysMs: z
    .strictObject({ banner: z.number().min(0), rcpt: z.number().min(0), eom: z.number().min(0) })
    .partial()
    .default({}),
  connections: z
    .strictObject({ max: z.number().int().positive(), reply, source: z.string().optional() })
    .optional(),
  messagesPerConnection: z
    .strictObject({ max: z.number().int().positive(), reply, source: z.string().optional() })
    .optional(),
  /** By client address, at MAIL. */
  rates: z
    .array(
      z.strictObject({
        id: identifier,
        messages: z.number().int().positive(),
        perSeconds: seconds,
        reply: reply.optional(),
        drop: z.enum(['close', 'reset']).optional(),
        close: z.boolean().default(false),
        source: z.string().optional(),
      }),
    )
    .default([]),
  /** Refuses a client address after so many unknown users, for a time. 0 unknown users: always. */
  block: z
    .strictObject({
      afterUnknown: z.number().int().min(0),
      forSeconds: seconds.optional(),
      stage: z.enum(['banner', 'mail', 'rcpt']),
      reply,
      verdict,
      source: z.string().optional(),
    })
    .optional(),
  /** Refuses connections for so long after the simulator's start. */
  downSeconds: seconds.optional(),
  recipients: z.array(behaviour).default([]),
  returns: z.array(returned).default([]),
});

/** One provider's behaviour, checked. */
export type Provider = z.infer<typeof providerSchema>;
/** The same before defaults are filled in: what a test writes. */
export type ProviderInput = z.input<typeof providerSchema>;
export type Behaviour = Provider['recipients'][number];
