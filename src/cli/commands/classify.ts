import { AppError } from '../../base/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { ReplyDescription } from '../ports.ts';
import { showMails } from '../returned-mails.ts';
import { partyNames } from '../state-names.ts';

const stages = ['connect', 'banner', 'ehlo', 'starttls', 'mail', 'rcpt', 'data', 'eom'] as const;

/** `todoku classify`: what a returned mail, or an SMTP reply, means. */
export const classify: Command = {
  name: 'classify',
  summary: {
    ja: '戻ってきたメールや SMTP の返答が何を意味するかを答える',
    en: 'say what returned mails, or an SMTP reply, mean',
  },
  arguments: [
    {
      name: 'file',
      optional: true,
      variadic: true,
      doc: {
        ja: 'エラーメールや苦情のメール、mbox、Maildir、SES などの通知（JSON）。- は標準入力',
        en: 'bounce or complaint mails, an mbox, a Maildir, notifications (JSON) of SES and others; - is standard input',
      },
    },
  ],
  options: [
    {
      flags: '--reply <text>',
      doc: {
        ja: '返答の全文（例: "550 5.1.1 User unknown"）',
        en: 'the whole reply, e.g. "550 5.1.1 User unknown"',
      },
    },
    { flags: '--mx <host>', doc: { ja: '返答した MX ホスト', en: 'MX host that answered' } },
    {
      flags: '--stage <stage>',
      choices: stages,
      doc: {
        ja: '返答された段階（eom は本文送信後）',
        en: 'stage at which it came; eom is after the message',
      },
    },
  ],
  examples: [
    {
      line: 'todoku classify --json bounces/*.eml ~/Maildir',
      doc: { ja: '宛先ごとに 1 行の JSON で', en: 'a line of JSON for each recipient' },
    },
    {
      line: 'todoku classify --reply "550 5.2.0 Unknown user" --mx mfsmax.docomo.ne.jp --stage eom',
      doc: {
        ja: '同じ文でも段階によって意味が変わります',
        en: 'the same words mean another thing after the message',
      },
    },
  ],
  run: async (context, input) => {
    const reply = input.option('reply');
    const files = input.argumentsFrom(0);
    if ((reply === undefined) === (files.length === 0)) throw oneOfBoth();
    return await context.withProduct(async (product) => {
      if (reply === undefined)
        return await showMails(context, product.classifyFiles(files, bytesOf(context.stdin)));
      const stage = stages.find((each) => each === input.option('stage')) ?? null;
      return showReply(
        context,
        product.classify({ reply, mxHost: input.option('mx') ?? null, stage }),
        reply,
      );
    });
  },
};

async function* bytesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array | string> {
  for await (const chunk of stream) yield chunk;
}

function showReply(context: CommandContext, answer: ReplyDescription, reply: string): number {
  // An unset variable of a script, which no answer would show; other words have the verdict null in JSON.
  if (reply.trim() === '') throw notAReply(reply);
  if (context.json) {
    context.output.printJson(answer);
    return 0;
  }
  if (answer.advice === null) throw notAReply(reply);
  const advice = answer.advice[context.language];
  const who = partyNames[answer.party ?? 'nobody'] ?? { ja: '', en: '' };
  context.output.print(`${answer.verdict ?? ''}: ${advice.title}`);
  context.output.print(advice.meaning);
  context.output.print(context.say({ ja: `対応する人: ${who.ja}`, en: `whose turn: ${who.en}` }));
  for (const step of advice.steps[0]?.steps ?? []) context.output.print(`  - ${step}`);
  context.output.print(
    context.say({
      ja: `規則: ${answer.rule ?? ''}（確度 ${answer.confidence}）`,
      en: `rule: ${answer.rule ?? ''} (confidence ${answer.confidence})`,
    }),
  );
  return 0;
}

function notAReply(reply: string): AppError {
  return new AppError({
    code: 'classify-not-a-reply',
    message: {
      ja: `「${reply.slice(0, 80)}」は SMTP の返答ではありません`,
      en: `“${reply.slice(0, 80)}” is not an SMTP reply`,
    },
    hint: {
      ja: '3 桁の返答コードから始まる全文を渡してください',
      en: 'give the whole reply from its three-digit code on',
    },
  });
}

function oneOfBoth(): AppError {
  return new AppError({
    code: 'usage-file-or-reply',
    message: {
      ja: 'classify にはメールのファイルか --reply のどちらか一方が必要です',
      en: 'classify takes either files of mails or --reply',
    },
    hint: { ja: 'todoku classify --help で例を見られます', en: 'see todoku classify --help for examples' },
  });
}
