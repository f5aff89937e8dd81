import type { Bilingual } from '../base/index.ts';
import type { Blocklist } from '../deliverability/index.ts';
import type { PathHold, Reaction } from '../delivery/index.ts';
import type { ListingEvent } from '../events/index.ts';

const reasons: Readonly<Record<string, Bilingual>> = {
  throttled: { ja: '受信側が速すぎると答えました', en: 'the receiver says "too fast"' },
  'warm-up': {
    ja: '慣らし中の送信元が今日の送信数に達しました',
    en: 'the sources being warmed up have sent what they may today',
  },
  unreachable: { ja: '受信側のサーバーに接続できません', en: 'the receiving servers cannot be reached' },
  'local-limit': {
    ja: 'このマシンでこれ以上接続を開けません。`ulimit -n` と sources を確認してください',
    en: 'this machine cannot open another connection; check `ulimit -n` and sources',
  },
  'not-accepting': { ja: '受信側のサーバーが接続を断りました', en: 'the receiving servers turn us away' },
  'sessions-lost': { ja: '接続が何度も途切れました', en: 'connections broke off repeatedly' },
  'tls-policy': {
    ja: '受信側の TLS が求められた安全さを満たしません',
    en: 'the TLS of the receiving servers is not as safe as demanded',
  },
  'dns-failed': { ja: 'DNS が答えません', en: 'the DNS does not answer' },
};

/** A hold as a line for people. */
export function holdText(hold: PathHold): Bilingual {
  const reason = reasons[hold.because] ?? { ja: hold.because, en: hold.because };
  // An address and a port tell nobody more than that it cannot be reached; `todoku why` has them.
  const detail =
    hold.because === 'unreachable'
      ? { ja: '', en: '' }
      : { ja: `（${hold.detail}）`, en: ` (${hold.detail})` };
  return {
    ja: `${hold.domain}: ${reason.ja}。間をおいて続けます${detail.ja}`,
    en: `${hold.domain}: ${reason.en}; it goes on after a pause${detail.en}`,
  };
}

/** Mails wait for their hours; `window` is like `09:00-20:00 Asia/Tokyo`. */
export function windowText(window: string, opensMs: number): Bilingual {
  const end = new Date(opensMs).toLocaleString('sv-SE');
  return {
    ja: `送信してよい時間帯（${window}）の外のため、${end} まで待ちます（中断しても \`todoku resume\` で続きます）`,
    en: `outside the window ${window}: its mails wait until ${end} (Ctrl-C is safe; \`todoku resume\` goes on)`,
  };
}

/** What a rule did about replies, as a line for people. */
export function reactionText(reaction: Reaction, meaning: Bilingual, campaign: string | null): Bilingual {
  const { target, untilMs, detail } = reaction;
  const place =
    campaign ?? target.domain ?? [target.source, target.site].filter((part) => part !== null).join(' → ');
  if (untilMs === null)
    return { ja: `${place}: ${meaning.ja}（${detail}）`, en: `${place}: ${meaning.en} (${detail})` };
  const end = new Date(untilMs).toLocaleString('sv-SE');
  const option = campaign === null ? (target.site ?? '') : `--campaign ${campaign}`;
  const command = `todoku path resume ${option}`.trimEnd();
  return {
    ja: `${place}: ${meaning.ja}。${end} まで止めます（早めるには \`${command}\`。${detail}）`,
    en: `${place}: ${meaning.en}; stopped until ${end} (\`${command}\` goes on sooner; ${detail})`,
  };
}

/** The store stopped (`error`: why), or takes again (null). */
export function troubleText(error: Bilingual | null): Bilingual {
  if (error === null)
    return { ja: 'ディスクに書けるようになったので再開します', en: 'the disk takes data again; going on' };
  return {
    ja: `${error.ja}。新しい送信を止め、空きができるのを待っています（失われたメールはありません）`,
    en: `${error.en}; nothing new is sent until there is room (no mail is lost)`,
  };
}

export function unsignedText(domain: string): Bilingual {
  return {
    ja: `${domain} の DKIM 鍵が設定されていないため、署名なしで送ります（設定の domains）`,
    en: `no DKIM key is configured for ${domain}: its mails go out unsigned (see “domains” in the configuration)`,
  };
}

export const lostText: Bilingual = {
  ja: '配信スレッドが 1 つ止まったため、記録から続けます（失われたメールはありません）',
  en: 'a delivery thread died; going on from the record (no mail is lost)',
};

export function withoutThreadsText(cause: Bilingual | null): Bilingual {
  const [ja, en] = cause === null ? ['', ''] : [`（${cause.ja}）`, ` (${cause.en})`];
  return {
    ja: `配信スレッドを使えないため${ja}、スレッドなしで続けます（遅くなります）`,
    en: `delivery threads cannot be used${en}; going on without, which is slower`,
  };
}

export const noIntakeText: Bilingual = {
  ja: '戻ってくるメールの受け口がないため、後から届くバウンスや苦情は分かりません（設定の inbound.listen・inbound.maildirs・inbound.imap）',
  en: 'no door is open for returned mail, so late bounces and complaints stay unknown (see inbound.listen, inbound.maildirs, inbound.imap)',
};

/** TLS reports to others could not be made or sent. */
export function reportTroubleText(text: Bilingual | null, error: unknown): Bilingual {
  const said = text ?? sameText(error);
  return {
    ja: `TLS レポートを送れませんでした。明日もう一度試します: ${said.ja}`,
    en: `the TLS reports could not be sent; tried again tomorrow: ${said.en}`,
  };
}

function sameText(error: unknown): Bilingual {
  const text = error instanceof Error ? error.message : String(error);
  return { ja: text, en: text };
}

/** A block list took a source or a domain of ours in, or let it go. */
export function listingText({ change, subject, answer, sinceMs }: ListingEvent, list: Blocklist): Bilingual {
  const { name, zone, url } = list;
  if (change === 'delisted') {
    const since = sinceMs === null ? '' : new Date(sinceMs).toLocaleString('sv-SE');
    return {
      ja: `${subject} は ${name} の登録から外れました（登録は ${since} から）`,
      en: `${subject} is no longer on ${name} (it was since ${since})`,
    };
  }
  const command = `todoku check blocklists ${subject}`;
  return {
    ja: `${subject} が ${name} に登録されました（${zone} → ${answer}）。意味と外れ方: \`${command}\`、${url}`,
    en: `${subject} is now on ${name} (${zone} → ${answer}); \`${command}\` says what it means and how to leave; ${url}`,
  };
}

/** Lists whose answer is no word about us. */
export function unaskedListsText(lists: readonly Blocklist[]): Bilingual {
  const names = lists.map(({ name }) => name).join(', ');
  return {
    ja: `確認できないブロックリストがあります: ${names}（理由は \`todoku check blocklists\`。自前のリゾルバーを dns.servers に設定してください）`,
    en: `block lists that could not be asked: ${names} (\`todoku check blocklists\` says why; use a resolver of your own, dns.servers)`,
  };
}

/** What lists said could not be asked or written down. */
export function listingTroubleText(text: Bilingual | null, error: unknown): Bilingual {
  const said = text ?? sameText(error);
  return {
    ja: `ブロックリストを見張れませんでした。次の回にもう一度試します: ${said.ja}`,
    en: `the block lists could not be watched; tried again the next time: ${said.en}`,
  };
}

/** A mail that came in could not be taken; its sender keeps it. `error` is shown when it is none of the known ones. */
export function takingTroubleText(known: Bilingual | null, error: unknown): Bilingual {
  const fault = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const cause = known ?? { ja: fault, en: fault };
  return {
    ja: `戻ってきたメールを今は受け取れません: ${cause.ja}（送信側に残り、後で届きます）`,
    en: `returned mail cannot be taken now: ${cause.en} (it stays where it is, and comes again)`,
  };
}

export function submissionTroubleText(known: Bilingual | null, error: unknown): Bilingual {
  const cause = causeOf(known, error);
  return {
    ja: `アプリケーションのメールを今は受け付けられません: ${cause.ja}（後で送り直すよう返答しています）`,
    en: `applications' mail cannot be accepted now: ${cause.en} (they are told to try again)`,
  };
}

export function noticeTroubleText(known: Bilingual | null, error: unknown): Bilingual {
  const cause = causeOf(known, error);
  return {
    ja: `投入者への知らせを今は送れません: ${cause.ja}（後でもう一度試します）`,
    en: `submitters cannot be told now what became of their mail: ${cause.en} (it is tried again)`,
  };
}

function causeOf(known: Bilingual | null, error: unknown): Bilingual {
  const fault = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return known ?? { ja: fault, en: fault };
}

export function skippedText(mail: string, why: 'too-large' | 'unreadable'): Bilingual {
  return why === 'too-large'
    ? {
        ja: `${mail} は大きすぎるため読みません（inbound.limits.messageSize）`,
        en: `${mail} is left alone: too large (inbound.limits.messageSize)`,
      }
    : { ja: `${mail} を読めません`, en: `${mail} is left alone: it cannot be read` };
}

export function keptFullText(folder: string): Bilingual {
  return {
    ja: `${folder} がいっぱいのため、postmaster・abuse 宛てなどのメールを後で送り直してもらっています（数日で送信元に戻ります）。読んだものを削除してください`,
    en: `${folder} is full: mail to postmaster, abuse and the like is put off, and goes back to its senders after some days; remove what has been read`,
  };
}

/** A command beside `todoku serve`. */
export const handedOverText: Bilingual = {
  ja: '動作中の todoku serve が送信します（ここでは進み具合を表示するだけです。Ctrl-C で表示を終えても送信は続きます）',
  en: 'the running `todoku serve` sends it; this only shows how far it is, and Ctrl-C does not stop it',
};

export const noControlText: Bilingual = {
  ja: 'データフォルダーのパスが長すぎるため、動作中は send などのコマンドを使えません',
  en: 'the path of the data folder is too long for a socket: send and other commands are refused while this runs',
};

/** A fault while another command asked for something. */
export function controlTroubleText(error: unknown): Bilingual {
  const said = sameText(error);
  return {
    ja: `別のコマンドからの依頼を処理できませんでした: ${said.ja}`,
    en: `what another command asked for failed: ${said.en}`,
  };
}

/** Mail whose time is over could not be removed. */
export function keepingTroubleText(text: Bilingual | null, error: unknown): Bilingual {
  const said = text ?? sameText(error);
  return {
    ja: `保存期間を過ぎたメール本文を削除できませんでした。後でもう一度試します: ${said.ja}`,
    en: `mail that is kept no longer could not be removed; it is tried again: ${said.en}`,
  };
}
