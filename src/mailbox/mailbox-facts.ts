import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const server = z.strictObject({
  host: z.string(),
  port: z.int().min(1).max(65_535),
  tls: z.enum(['implicit', 'starttls']),
});
const sources = z.array(z.string().min(1)).min(1);

const knownService = z.strictObject({
  id: z.string(),
  domains: z.array(z.string()).min(1),
  mx: z.array(z.string()).default([]),
  imap: server.optional(),
  pop: server.optional(),
  smtp: server.optional(),
  user: z.enum(['address', 'local-part', 'own']),
  password: z.enum(['plain', 'ended', 'app']),
  source: sources,
});

const pattern = z.string().transform((text) => new RegExp(text, 'iu'));

const loginReply = z.strictObject({
  id: z.string(),
  pattern,
  means: z.enum([
    'ended',
    'app',
    'locked',
    'browser',
    'disabled',
    'busy',
    'many',
    'later',
    'clear',
    'unauthenticated',
    'wrong',
  ]),
  sample: z.string(),
  source: sources,
});

const marks = z.strictObject({
  interceptors: z.array(z.strictObject({ name: z.string(), pattern, source: sources })),
  junkNames: z.array(z.string()),
  trashNames: z.array(z.string()),
  limits: z.strictObject({
    folderMessages: z.int(),
    folderBytes: z.int(),
    leftOnServer: z.int(),
    providers: z.array(z.strictObject({ id: z.string(), mailboxMessages: z.int(), source: sources })),
    source: sources,
  }),
});

export type KnownService = z.output<typeof knownService>;
export type LoginReply = z.output<typeof loginReply>;
export type LoginMeaning = LoginReply['means'];

/** What is known of mailboxes without asking anybody. */
export type MailboxFacts = z.output<typeof marks> & {
  readonly services: readonly KnownService[];
  readonly replies: readonly LoginReply[];
};

/** Reads `mailbox/*.yaml` of a knowledge folder; anything unknown in it is an error. */
export function loadMailboxFacts(folder: string): MailboxFacts {
  const read = (name: string): unknown =>
    parse(readFileSync(join(folder, 'mailbox', `${name}.yaml`), 'utf8'));
  const { services } = z.strictObject({ services: z.array(knownService) }).parse(read('services'));
  const { replies } = z.strictObject({ replies: z.array(loginReply) }).parse(read('login-replies'));
  return { services, replies, ...marks.parse(read('marks')) };
}
