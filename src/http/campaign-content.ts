import { allowsDomain } from '../access/index.ts';
import type { AccessKey } from '../access/index.ts';
import { AppError, StorageFull } from '../base/index.ts';
import { newCampaignName } from '../campaigns/index.ts';
import type { CampaignDraft } from '../campaigns/index.ts';
import { compileContent } from '../compose/index.ts';
import type { CompiledContent, Content } from '../compose/index.ts';
import { parseMailbox } from '../protocol/message/index.ts';
import type { TemplateStore } from '../templates/index.ts';
import type { NewCampaign } from './contract/campaign.ts';
import type { MailMaking } from './mail-request.ts';
import { maySee } from './mail-texts.ts';
import { fieldProblem, problem } from './problem.ts';
import type { Problem } from './problem.ts';

export type CampaignMaking = Pick<MailMaking, 'clock' | 'random' | 'senderOf' | 'expiryMs'> & {
  readonly templates: Pick<TemplateStore, 'find'>;
};

/** A request as a draft whose content compiles. */
export function makeDraft(
  request: NewCampaign,
  key: AccessKey,
  making: CampaignMaking,
): CampaignDraft | Problem {
  const from = parseMailbox(request.from);
  if (!from.ok) return fieldProblem('from', from.text);
  const sender = making.senderOf(from.mailbox.address.domain);
  if (sender === null) return problem(key.domains === null ? 'sender-unknown' : 'domain-not-allowed');
  if (!allowsDomain(key, sender.name)) return problem('domain-not-allowed');
  if (!sender.verified) return problem('domain-not-verified');
  // Campaigns are rendered while they are sent, so there is nothing to capture beforehand.
  if (key.sandbox || sender.sandbox)
    return problem('conflict', {
      detail: {
        ja: 'テスト用のキーやドメインではキャンペーンを送れません',
        en: 'test mode has no campaigns',
      },
      cure: {
        ja: '`todoku demo` で模擬環境へ送れます',
        en: '`todoku demo` sends one to a simulated internet',
      },
    });
  if (request.timezone !== undefined && !isTimeZone(request.timezone))
    return fieldProblem('timezone', { ja: 'そのタイムゾーンはありません', en: 'there is no such time zone' });
  const content = contentOf(request, key, making);
  if ('kind' in content) return content;
  const compiled = compiledOrProblem(content);
  if ('kind' in compiled) return compiled;
  const nowMs = making.clock.now();
  const { list, window, timezone } = request;
  return {
    owner: key.id,
    campaign: {
      name: newCampaignName(nowMs, making.random),
      content,
      domain: from.mailbox.address.domain,
      createdMs: nowMs,
      expiresMs: making.expiryMs,
      ...(list === undefined ? {} : { list }),
      ...(window === undefined ? {} : { window }),
      ...(timezone === undefined ? {} : { timezone }),
    },
  };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function contentOf(request: NewCampaign, key: AccessKey, { templates }: CampaignMaking): Content | Problem {
  const { from, replyTo = null, defaults = {}, requireTls = false } = request;
  const common = { from, replyTo, ...(requireTls ? { requireTls } : {}) } as const;
  if (request.template !== undefined) {
    const template = templates.find(request.template);
    if (template === null || !maySee(key, template))
      return fieldProblem('template', {
        ja: 'その名前のテンプレートはありません',
        en: 'there is no such template',
      });
    const { subject, html, text } = template;
    return {
      ...common,
      subject: request.subject ?? subject,
      html: html === null ? null : { name: 'html', source: html },
      text: text === null ? null : { name: 'text', source: text },
      defaults: { ...template.defaults, ...defaults },
    };
  }
  const { subject, html, text } = request;
  if (subject === undefined) return fieldProblem('subject', { ja: '必要です', en: 'is missing' });
  return {
    ...common,
    subject,
    html: html === undefined ? null : { name: 'html', source: html },
    text: text === undefined ? null : { name: 'text', source: text },
    defaults,
  };
}

/** Without keys: those are its operator's, and what is wrong with them is no fault of this request. */
export function compiledOrProblem(content: Content): CompiledContent | Problem {
  try {
    return compileContent(content, { signers: [] });
  } catch (error) {
    return asProblem(error);
  }
}

/** An error for people that a request caused; anything else goes on. `path`: a file of ours, which is nobody's business. */
export function asProblem(error: unknown, path?: string): Problem {
  if (!(error instanceof AppError) || error instanceof StorageFull) throw error;
  const hidden = (text: string): string => (path === undefined ? text : text.replaceAll(path, 'CSV'));
  const { ja, en } = error.text;
  return problem('invalid-body', {
    detail: { ja: hidden(ja), en: hidden(en) },
    ...(error.hint === undefined ? {} : { cure: error.hint }),
  });
}
