import type { Bilingual } from '../base/index.ts';
import { windowOf } from './sending-hours.ts';
import type { SendingHours } from './sending-hours.ts';
import { sendingWindowText, windowState } from './sending-window.ts';
import type { MessageFacts, WhyStore } from './why-ports.ts';

/** Why a message waits. `detail` is in the words of whoever holds it up. */
export type Wait = { readonly because: string; readonly detail: string; readonly untilMs: number };

/** Every waiting message has because and until: its own retry, a hold on its way, its turn, or that nobody works. */
export function waitOf(
  message: MessageFacts,
  options: {
    readonly store: WhyStore;
    readonly hours: SendingHours;
    readonly nowMs: number;
    readonly working: boolean;
  },
): Wait {
  const { store, nowMs, working } = options;
  if (!working) return { because: 'not-running', detail: '', untilMs: message.expiresMs };
  const own = store.waitingOf(message.id);
  if (own !== null && own.untilMs > nowMs) return { ...own, detail: '' };
  const held = store.campaignHold(message.campaign, nowMs);
  if (held !== null) return held;
  const closed = closedWindow(message, options);
  if (closed !== null) return closed;
  const hold = store.holdsFor(message.domain).find((each) => each.untilMs > nowMs);
  if (hold !== undefined) return hold;
  return { because: 'queued', detail: '', untilMs: message.expiresMs };
}

/** The window of a message, when it is closed now. Nobody has to write that down: the clock alone decides it. */
function closedWindow(
  { sending, domain }: MessageFacts,
  { hours, nowMs }: { readonly hours: SendingHours; readonly nowMs: number },
): Wait | null {
  const window = windowOf(sending, { timezone: sending.recipientTimezone, domain }, hours);
  const state = window === null ? null : windowState(window, nowMs);
  if (window === null || state === null || state.isOpen) return null;
  const detail = `${sendingWindowText(window)} ${window.timezone}`;
  return { because: 'window', detail, untilMs: state.untilMs };
}

const texts: Readonly<Record<string, Bilingual>> = {
  'not-running': {
    ja: '配信が動いていません。`todoku resume` で再開します',
    en: 'nothing is delivering now; `todoku resume` goes on',
  },
  retry: { ja: '再送の時刻を待っています', en: 'it waits for its next try' },
  scheduled: {
    ja: '指定された送信時刻を待っています',
    en: 'it waits for the time at which it is to be sent',
  },
  queued: { ja: '順番を待っています', en: 'it waits for its turn' },
  suspended: {
    ja: '受信側の応答を受けて、この宛先への送信を止めています。`todoku path resume` で再開できます',
    en: 'replies made us stop sending there; `todoku path resume` goes on',
  },
  'campaign-held': {
    ja: '受信側の応答を受けて、または誰かの操作で、このキャンペーンを止めています。`todoku path resume --campaign` で再開できます',
    en: 'somebody paused this campaign, or replies made us hold it; `todoku path resume --campaign` goes on',
  },
  window: {
    ja: '送信してよい時間帯になるのを待っています',
    en: 'it waits for the hours in which it may be sent',
  },
  'warm-up': {
    ja: '送信元の IP アドレスを慣らしている途中で、今日の送信数に達したため、明日を待っています',
    en: 'the sending address is being warmed up and has sent what it may today, so it waits for tomorrow',
  },
  throttled: {
    ja: '受信側が速すぎると答えたため、間をおいています',
    en: 'the receiver said "too fast", so this path rests',
  },
  paced: {
    ja: '受信側が受け付ける速さに合わせて順に送っています',
    en: 'it waits for its turn at the pace that the receiver takes',
  },
  unreachable: {
    ja: '受信側のサーバーに接続できないため、間をおいています',
    en: 'the receiving servers cannot be reached, so this path rests',
  },
  'local-limit': {
    ja: 'このマシンが接続を開けない（ファイル数・ポート・送信元アドレス）ため、間をおいています',
    en: 'this machine cannot open another connection (files, ports, source address), so this path rests',
  },
  'not-accepting': {
    ja: '受信側のサーバーが接続を断ったため、間をおいています',
    en: 'the receiving servers turned the connection away, so this path rests',
  },
  'sessions-lost': {
    ja: '接続が何度も途切れたため、間をおいています',
    en: 'connections broke off repeatedly, so this path rests',
  },
  'dns-failed': {
    ja: 'DNS が答えないため、間をおいています',
    en: 'the DNS does not answer, so this domain rests',
  },
  'tls-policy': {
    ja: '受信側の TLS が求められた安全さを満たさないため、間をおいています',
    en: 'the TLS of the receiving servers is not as safe as demanded, so this waits',
  },
};

/** false: nobody has words for that reason. */
export function isKnownWait(reason: string): boolean {
  return reason in texts;
}

/** The reason in words. */
export function because(wait: Wait): Bilingual {
  const text = texts[wait.because] ?? { ja: wait.because, en: wait.because };
  if (wait.detail === '') return text;
  return { ja: `${text.ja}（${wait.detail}）`, en: `${text.en} (${wait.detail})` };
}
