import type { Bilingual } from '../../base/index.ts';
import type { TimelineEntry, Why } from '../../delivery/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { partyNames, stateNames } from '../state-names.ts';

/** `todoku why`: the history, the reason and what to do, of one mail. */
export const why: Command = {
  name: 'why',
  summary: {
    ja: 'そのメールが届いた・届かない理由と、すべきことを答える',
    en: 'say why a mail did or did not arrive, and what to do',
  },
  arguments: [
    {
      name: 'address-or-message-id',
      doc: { ja: '宛先アドレスか Message-ID', en: 'recipient address or Message-ID' },
    },
  ],
  examples: [
    {
      line: 'todoku why taro@example.jp',
      doc: { ja: 'その宛先への最新のメールについて', en: 'the newest mail to that address' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const question = input.argument(0) ?? '';
      const [answer, ...older] = product.why(question);
      if (answer === undefined) context.output.note(`todoku: ${context.say(unknownText(question))}`);
      else if (context.json)
        context.output.printJson({
          ...answer,
          older: older.map(({ message, state }) => ({ message, state })),
        });
      else tell(context, answer, older);
      return Promise.resolve(answer === undefined ? 1 : 0);
    }),
};

function unknownText(question: string): Bilingual {
  return {
    ja: `${question} 宛てのメールは記録にありません。綴りと --data を確かめてください`,
    en: `no mail to ${question} is on record: check the spelling and --data`,
  };
}

function tell(context: CommandContext, answer: Why, older: readonly Why[]): void {
  const { say, output, language } = context;
  const advice = answer.advice[language];
  output.print(`${answer.to}  ${answer.message}`);
  output.print(`${say(stateNames[answer.state])}: ${advice.title}${sureness(context, answer)}`);
  if (answer.becauseText !== null) {
    output.print(
      say({
        ja: `理由: ${answer.becauseText.ja}（${localTime(answer.until)} まで）`,
        en: `because ${answer.becauseText.en} (until ${localTime(answer.until)})`,
      }),
    );
  }
  output.print(`\n${advice.meaning}\n`);
  for (const entry of answer.timeline) output.print(timelineText(context, entry));
  for (const { party, steps } of advice.steps) {
    const name = partyNames[party] ?? { ja: party, en: party };
    output.print(say({ ja: `\n${name.ja}がすること:`, en: `\nfor ${name.en}:` }));
    for (const step of steps) output.print(`  - ${step}`);
  }
  if (older.length > 0) {
    output.print(
      say({
        ja: `\nこの宛先へはほかに ${older.length} 通あります:`,
        en: `\n${older.length} older mails to this address:`,
      }),
    );
    for (const each of older) output.print(`  ${each.message}  ${say(stateNames[each.state])}`);
  }
}

function sureness({ say }: CommandContext, answer: Why): string {
  const words: { readonly [Certainty in Why['certainty']]: Bilingual } = {
    proved: { ja: '', en: '' },
    likely: { ja: '（おそらく）', en: ' (likely)' },
    unknowable: { ja: '（外からは確かめられません）', en: ' (cannot be known from outside)' },
  };
  return say(words[answer.certainty]);
}

const eventNames: { readonly [Event in TimelineEntry['event']]: Bilingual } = {
  accepted: { ja: '受付', en: 'accepted' },
  attempted: { ja: '送信', en: 'attempt' },
  suppressed: { ja: '送信停止', en: 'suppressed' },
  expired: { ja: '期限切れ', en: 'expired' },
  cancelled: { ja: '取消', en: 'cancelled' },
};

const outcomeNames: { readonly [Kind in NonNullable<TimelineEntry['outcome']>]: Bilingual } = {
  delivered: { ja: '受信側が受け取りました', en: 'taken by the receiver' },
  deferred: { ja: 'あとで再送', en: 'deferred' },
  refused: { ja: '拒否', en: 'refused' },
  unknown: { ja: '返事の前に切断（届いたかは不明）', en: 'lost before the answer: it may have arrived' },
};

function timelineText({ say }: CommandContext, entry: TimelineEntry): string {
  const host = entry.host === null ? '' : `  ${entry.host}${entry.tls === null ? '' : ` ${entry.tls}`}`;
  const kind = entry.outcome === null ? '' : `: ${say(outcomeNames[entry.outcome])}`;
  const words = entry.reply ?? entry.text;
  const quote = words === null ? '' : `\n      ${words.replace(/\p{Cc}+/gu, ' ')}`;
  const verdict =
    entry.verdict === null
      ? ''
      : `\n      → ${[entry.verdict, entry.detail, entry.rule].filter((each) => each !== null).join(' / ')}`;
  return `  ${localTime(entry.at)}  ${say(eventNames[entry.event])}${kind}${host}${quote}${verdict}`;
}

/** Local time with seconds; machines get ISO 8601 with --json. */
function localTime(iso: string | null): string {
  return iso === null ? '' : new Date(iso).toLocaleString('sv-SE');
}
