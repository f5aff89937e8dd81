import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { createComposer } from '../campaigns/index.ts';
import type { Campaign } from '../campaigns/index.ts';
import type { MessageAnswer, MessageRequest } from '../cli/index.ts';
import { importRecipients } from '../contacts/index.ts';
import type { ImportedRecipient } from '../contacts/index.ts';
import type { Config } from '../config/index.ts';
import { checkMessage } from '../deliverability/index.ts';
import type { MessageQuestion } from '../deliverability/index.ts';
import { withCheckTools } from './check-tools.ts';
import type { CheckParts } from './check-tools.ts';
import { readContent } from './content-files.ts';
import { domainOfFrom } from './from-domain.ts';
import { askWeb, messageTools } from './message-tools.ts';
import { compileFor, senderOf } from './sender.ts';

/** A mail out of a file, or the one that a template makes for the first recipient of a list. */
export async function checkMessageOf(parts: CheckParts, request: MessageRequest): Promise<MessageAnswer> {
  const { subject, question } = await questionOf(parts, request);
  return await withCheckTools(parts, async (tools) => {
    const asked = messageTools(parts, tools, request.links ? askWeb : null);
    return { subject, ...(await checkMessage(question, asked)) };
  });
}

type Asked = { readonly subject: string; readonly question: MessageQuestion };

async function questionOf({ config, clock }: CheckParts, request: MessageRequest): Promise<Asked> {
  const { mail, bulk } = request;
  if (mail.kind === 'file')
    return { subject: mail.file, question: { bytes: readMailFile(mail.file), envelope: null, bulk } };
  if (mail.kind === 'bytes')
    return { subject: mail.name, question: { bytes: mail.bytes, envelope: null, bulk } };
  return await composed({ config, clock }, mail);
}

// No server takes a larger one.
const largestMailBytes = 100_000_000;

function readMailFile(file: string): Buffer {
  const unreadable = (why: { ja: string; en: string }, cause?: unknown): AppError =>
    new AppError({
      code: 'mail-file',
      message: { ja: `${file} ${why.ja}`, en: `${file} ${why.en}` },
      hint: { ja: '.eml ファイルのパスを確かめてください', en: 'check the path of the .eml file' },
      cause,
    });
  try {
    const facts = statSync(file);
    if (!facts.isFile())
      throw unreadable({ ja: 'は通常のファイルではありません', en: 'is not a regular file' });
    if (facts.size > largestMailBytes)
      throw unreadable({ ja: 'は 100 MB を超えています', en: 'is larger than 100 MB' });
    return readFileSync(file);
  } catch (error) {
    if (error instanceof AppError || !(error instanceof Error) || !('code' in error)) throw error;
    throw unreadable(
      { ja: `を読めません（${String(error.code)}）`, en: `cannot be read (${String(error.code)})` },
      error,
    );
  }
}

type TemplateMail = Extract<MessageRequest['mail'], { kind: 'template' }>;

/** The message as it would leave us: signed, from the first source, with the return path of its domain. */
async function composed(
  parts: { readonly config: Config; readonly clock: Clock },
  mail: TemplateMail,
): Promise<Asked> {
  const { config, clock } = parts;
  const content = await readContent({ ...mail, replyTo: null });
  const domain = domainOfFrom(content.from);
  const compiled = compileFor(config, { content, domain });
  const createdMs = clock.now();
  const campaign: Campaign = {
    id: 1,
    name: 'c-check',
    state: 'open',
    content,
    domain,
    createdMs,
    expiresMs: 0,
  };
  const recipient = await firstRecipient(mail.recipients);
  const composer = createComposer({
    campaignById: () => campaign,
    compile: () => compiled,
    senderOf: (each) => senderOf(config, each),
    // Nothing is sent, so that no seal has to hold.
    secret: Buffer.alloc(32),
    clock,
  });
  const made = composer.compose({
    id: 1,
    campaignId: 1,
    address: recipient.address,
    variables: recipient.variables,
  });
  if ('failure' in made) throw notComposed(made.text ?? { ja: made.failure, en: made.failure });
  const [source] = config.sources;
  const envelope =
    source === undefined ? null : { ip: source.ip, helo: source.hostname, sender: made.returnPath };
  return {
    subject: `${mail.template} → ${recipient.address}`,
    question: { bytes: made.bytes, envelope, bulk: true },
  };
}

/** Reads no further than the first recipient that can be used. */
async function firstRecipient(file: string): Promise<Pick<ImportedRecipient, 'address' | 'variables'>> {
  const found: ImportedRecipient[] = [];
  const enough = new AbortController();
  const accepted = (batch: readonly ImportedRecipient[]): void => {
    found.push(...batch.slice(0, 1));
    enough.abort(enough);
  };
  try {
    await importRecipients(file, { accepted, rejected: () => undefined }, { signal: enough.signal });
  } catch (error) {
    if (error !== enough) throw error;
  }
  const [first] = found;
  if (first !== undefined) return first;
  throw new AppError({
    code: 'no-recipient',
    message: { ja: `${file} に使える宛先がありません`, en: `${file} has no recipient that can be used` },
    hint: {
      ja: '見出し行と、宛先を 1 行以上書いてください',
      en: 'give it a header row and at least one recipient',
    },
  });
}

function notComposed(why: { readonly ja: string; readonly en: string }): AppError {
  return new AppError({
    code: 'check-not-composed',
    message: { ja: `メールを作れません: ${why.ja}`, en: `the message cannot be made: ${why.en}` },
    hint: {
      ja: 'テンプレートか CSV の列を直してください',
      en: 'mend the template or the columns of the CSV',
    },
  });
}
