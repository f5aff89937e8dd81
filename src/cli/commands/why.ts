import type { Bilingual } from '../../base/index.ts';
import type { TimelineEntry, Why } from '../../delivery/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { textColumns } from '../output.ts';
import { partyNames, stageNames, stateNames } from '../state-names.ts';
import { wrapText } from '../wrap-text.ts';

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

// An address has at most 254 characters (RFC 5321 §4.5.3.1.3); more is no question but a slip.
const mostShownCharacters = 254;

function unknownText(question: string): Bilingual {
  const line = question.replace(/\p{Cc}+/gu, ' ');
  const shown = line.length > mostShownCharacters ? `${line.slice(0, mostShownCharacters)}…` : line;
  return {
    ja: `「${shown}」宛てのメールは記録にありません。綴りと --data を確かめてください`,
    en: `no mail to “${shown}” is on record: check the spelling and --data`,
  };
}

function tell(context: CommandContext, answer: Why, older: readonly Why[]): void {
  const { say, output, language } = context;
  const advice = answer.advice[language];
  const print = printer(context);
  output.print(answer.to);
  print(`${say(stateOf(answer))}: ${advice.title}${sureness(context, answer)}`, '', '  ');
  print(turnText(context, answer), '', '  ');
  if (answer.becauseText !== null) print(waitText(context, answer, answer.becauseText), '', '  ');
  output.print('');
  print(advice.meaning, '');
  tellSuppressions(context, answer);
  output.print(say({ ja: '\n経過', en: '\nWhat happened' }));
  for (const entry of answer.timeline) tellEntry(context, entry);
  if (answer.attachments !== undefined) {
    output.print(say({ ja: '\n添付ファイル', en: '\nAttachments' }));
    print(say(answer.attachments.text), '  ', '  ');
  }
  for (const { party, steps } of advice.steps) {
    const name = say(partyNames[party] ?? { ja: party, en: party });
    output.print(say({ ja: `\n${name}がすること`, en: `\nFor ${name}` }));
    for (const step of steps) print(step, '  - ', '    ');
  }
  if (answer.message !== null) {
    output.print('');
    print(say({ ja: `キャンペーン ${answer.campaign}`, en: `campaign ${answer.campaign}` }), '');
    output.print(`Message-ID ${answer.message}`);
    if (answer.link !== null)
      output.print(
        say({ ja: `受信者に送るページ ${answer.link}`, en: `page for the recipient ${answer.link}` }),
      );
  }
  if (older.length > 0) tellOlder(context, older);
}

function stateOf({ state, later, message }: Why): Bilingual {
  if (message === null) return { ja: '送信停止（メールの記録なし）', en: 'suppressed (no mail on record)' };
  if (later) return { ja: '受信側が受け取った後に不達', en: 'accepted by the receiver, bounced later' };
  return stateNames[state];
}

/** That nothing more goes to this address is news to whoever asks about one mail. */
function tellSuppressions(context: CommandContext, { suppressions }: Why): void {
  const print = printer(context);
  for (const { reason, verdict, until, scope, list } of suppressions) {
    const because = verdict === null ? reason : `${reason} / ${verdict}`;
    const reach: { readonly [Scope in typeof scope]: Bilingual } = {
      address: { ja: 'このアドレスへは送りません', en: 'nothing more is sent to this address' },
      domain: { ja: 'このドメインへは送りません', en: 'nothing more is sent to this domain' },
      list: {
        ja: `リスト ${list ?? ''} からは送りません`,
        en: `nothing more is sent by the list ${list ?? ''}`,
      },
    };
    const time =
      until === null
        ? { ja: '解除するまで', en: 'until it is lifted' }
        : { ja: `${localTime(until)} まで`, en: `until ${localTime(until)}` };
    const text = {
      ja: `送信停止中: ${reach[scope].ja}（${because}、${time.ja}）`,
      en: `suppressed: ${reach[scope].en} (${because}, ${time.en})`,
    };
    print(context.say(text), '', '  ');
  }
}

function printer({ output }: CommandContext): (text: string, first: string, rest?: string) => void {
  const columns = textColumns(output.stdout);
  return (text, first, rest = first) => output.print(wrapText(text, { columns, first, rest }));
}

function turnText({ say }: CommandContext, { party, state, verdict }: Why): string {
  // With a verdict, a complaint: then it is somebody's turn after all.
  if (state === 'delivered' && verdict === null)
    return say({
      ja: '対応: 不要（届かないと言われたら、下の手順へ）',
      en: 'whose turn: nobody; the steps below are for when somebody misses it',
    });
  const name = partyNames[party] ?? { ja: party, en: party };
  if (party !== 'nobody') return say({ ja: `対応する人: ${name.ja}`, en: `whose turn: ${name.en}` });
  return say({ ja: '対応: 不要（Todoku が続けます）', en: 'whose turn: nobody; Todoku goes on by itself' });
}

function waitText({ say }: CommandContext, { because, until }: Why, text: Bilingual): string {
  const time = localTime(until);
  const words: Readonly<Record<string, Bilingual>> = {
    retry: { ja: `次の送信 ${time}`, en: `next try ${time}` },
    queued: { ja: `期限 ${time}`, en: `time limit ${time}` },
    'not-running': { ja: `期限 ${time}`, en: `time limit ${time}` },
  };
  const when = words[because ?? ''] ?? { ja: `再開 ${time}`, en: `until ${time}` };
  return say({ ja: `待っている理由: ${text.ja}（${when.ja}）`, en: `it waits: ${text.en} (${when.en})` });
}

// A page of them; more than ten mails to one person are a search of another kind.
const shownOlder = 10;

function tellOlder({ say, output }: CommandContext, older: readonly Why[]): void {
  const count = older.length;
  output.print(
    say({
      ja: `\nこの宛先へのほかのメール ${count} 通（新しい順）`,
      en: `\n${count} older ${count === 1 ? 'mail' : 'mails'} to this address`,
    }),
  );
  for (const each of older.slice(0, shownOlder))
    output.print(`  ${say(stateNames[each.state])}  ${each.message}`);
}

function sureness({ say }: CommandContext, answer: Why): string {
  // A receiver that may drop what it took: the title says so.
  if (answer.state === 'delivered') return '';
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
  captured: { ja: 'テストモードのため送らずに保管', en: 'kept instead of sent: test mode' },
  suppressed: { ja: '送信停止', en: 'suppressed' },
  expired: { ja: '期限切れ', en: 'expired' },
  cancelled: { ja: '取消', en: 'cancelled' },
  'bounced-later': { ja: '返送されました（不達）', en: 'it came back: bounced' },
  'delay-notice': { ja: '途中のサーバーから遅延の知らせ', en: 'a host on the way still tries' },
  complained: { ja: '受信者が迷惑メールとして報告', en: 'the recipient called it junk' },
  'auto-replied': { ja: '自動応答がありました', en: 'an automatic reply came' },
  answered: { ja: '返信がありました', en: 'an answer came' },
  'delivery-notice': { ja: '配信の通知がありました', en: 'a notice of delivery came' },
  missed: { ja: '受信者の回答: 届いていない', en: 'the recipient says: it has not arrived' },
  found: { ja: '受信者の回答: 見つかった', en: 'the recipient says: found it' },
  'test-sent': { ja: '受信者の求めで試しのメールを送信', en: 'a test mail was sent, as the recipient asked' },
  'test-arrived': {
    ja: '受信者の回答: 試しのメールは届いた',
    en: 'the recipient says: the test mail arrived',
  },
  'test-missed': {
    ja: '受信者の回答: 試しのメールも届かない',
    en: 'the recipient says: the test mail did not arrive',
  },
  'address-suppressed': { ja: 'アドレスを送信停止にしました', en: 'address suppressed' },
  'suppression-ended': { ja: '送信停止が終わりました', en: 'suppression ended' },
};

const outcomeNames: { readonly [Kind in NonNullable<TimelineEntry['outcome']>]: Bilingual } = {
  delivered: { ja: '受信側が受け取りました', en: 'taken by the receiver' },
  deferred: { ja: '一時的に断られました', en: 'turned away for now' },
  refused: { ja: '拒否されました', en: 'refused' },
  unknown: { ja: '返事の前に切断（届いたかは不明）', en: 'lost before the answer: it may have arrived' },
};

const failedHere: Bilingual = { ja: '送信できませんでした', en: 'not sent' };

const detailIndent = ' '.repeat(6);

function tellEntry(context: CommandContext, entry: TimelineEntry): void {
  const { say } = context;
  const print = printer(context);
  print(eventText(context, entry), `  ${localTime(entry.at)}  `, detailIndent);
  if (entry.host !== null) print(`${entry.host}${entry.tls === null ? '' : ` (${entry.tls})`}`, detailIndent);
  // What this very mail brought about has its words in the line before.
  const isOwn = entry.event === 'address-suppressed' && entry.source?.startsWith('message:') === true;
  const words = isOwn ? null : (entry.reply ?? entry.text);
  if (words !== null) print(words.replace(/\p{Cc}+/gu, ' '), `${detailIndent}> `, `${detailIndent}  `);
  if (entry.verdict === null) return;
  const { verdict, detail, rule } = entry;
  const fine = detail === null ? verdict : `${verdict} / ${detail}`;
  const isNews = rule !== null && rule !== detail && rule !== `local:${detail}`;
  const by = isNews ? say({ ja: `（規則 ${rule}）`, en: ` (rule ${rule})` }) : '';
  print(say({ ja: `判定 ${fine}${by}`, en: `verdict ${fine}${by}` }), detailIndent);
}

function eventText({ say }: CommandContext, entry: TimelineEntry): string {
  const name = say(eventNames[entry.event]) + doubtText(say, entry);
  if (entry.event === 'expired' && entry.outcome !== null)
    return `${name}${say({ ja: '（最後の失敗は次のとおり）', en: '; the last failure was' })}`;
  if (entry.event !== 'attempted' || entry.outcome === null) return name;
  const isOurs = entry.origin === 'local' && (entry.outcome === 'deferred' || entry.outcome === 'refused');
  const kind = say(isOurs ? failedHere : outcomeNames[entry.outcome]);
  const stage = stageNames[entry.stage ?? ''];
  const place =
    entry.outcome === 'delivered' || stage === undefined
      ? ''
      : say({ ja: `（${stage.ja}）`, en: ` (${stage.en})` });
  return `${name}: ${kind}${place}`;
}

/** Anybody can write a bounce: what our seal does not prove has changed nothing. */
function doubtText(say: CommandContext['say'], { trusted }: TimelineEntry): string {
  if (trusted !== false) return '';
  return say({ ja: '（裏付けがないため反映していません）', en: ' (not proved, so it changed nothing)' });
}

/** Local time with seconds; machines get ISO 8601 with --json. */
function localTime(iso: string | null): string {
  return iso === null ? '' : new Date(iso).toLocaleString('sv-SE');
}
