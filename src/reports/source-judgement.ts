import type { Bilingual } from '../base/index.ts';
import type { SourceGroup } from './source-group.ts';

/**
 * What a source looks like. `ours`: this Todoku. `authorised`: another sender of the domain, set up well. `forgotten`: an own
 * sender, most likely, that is not set up. `forwarder`: passes on what we sent. `forger`: uses the name without any right.
 */
export type SourceKind = 'ours' | 'authorised' | 'forgotten' | 'forwarder' | 'forger' | 'unclear';

export type Judgement = {
  readonly kind: SourceKind;
  readonly certainty: 'proved' | 'likely' | 'unknowable';
  /** false: nothing to do. */
  readonly trouble: boolean;
  readonly because: Bilingual;
  readonly advice: Bilingual;
};

/** Days on which anything at all was reported: what "every day" means. */
export type JudgingFacts = { readonly days: number };

// Two in a hundred fail by what receivers do (temporary DNS errors, rewriting gateways); more is set-up.
const wellShare = 0.98;
// Someone who is set up passes nearly always; whoever passes less is set up for some of it only.
const mostlyShare = 0.9;
const halfShare = 0.5;
// A working week: machines that send by themselves do it day by day, forgers come and go.
const steadyDays = 5;
// A machine or a small cluster; forgers use many.
const fewAddresses = 4;
// One or two mails of a service may be somebody trying it with a false From.
const enoughMessages = 10;

type Rule = {
  readonly applies: (group: SourceGroup, facts: JudgingFacts) => boolean;
  readonly judgement: Judgement;
};

/** The first that applies. */
export function judge(group: SourceGroup, facts: JudgingFacts): Judgement {
  return (rules.find((rule) => rule.applies(group, facts)) ?? lastRule).judgement;
}

function share(part: number, group: SourceGroup): number {
  return group.messages === 0 ? 0 : part / group.messages;
}

function isSteady(group: SourceGroup, { days }: JudgingFacts): boolean {
  return group.days.size >= steadyDays && group.days.size >= days * halfShare;
}

const nothingToDo: Bilingual = { ja: '対応は不要です。', en: 'Nothing to do.' };

const rules: readonly Rule[] = [
  {
    applies: (group) => group.ours > 0 && share(group.passed, group) < wellShare,
    judgement: {
      kind: 'ours',
      certainty: 'proved',
      trouble: true,
      because: {
        ja: 'この Todoku から送ったメールの一部が DMARC に不合格です。',
        en: 'Some mail of this Todoku fails DMARC.',
      },
      advice: {
        ja: 'このドメインの DKIM 鍵が設定にあり、公開鍵が DNS にあるか確かめ、送信元 IP を SPF に加えてください。',
        en: 'Check that the domain has a DKIM key in the configuration and its public key in DNS, and add the source addresses to SPF.',
      },
    },
  },
  {
    applies: (group) => group.ours > 0,
    judgement: {
      kind: 'ours',
      certainty: 'proved',
      trouble: false,
      because: {
        ja: 'この Todoku の送信元で、DMARC に合格しています。',
        en: 'Sources of this Todoku; DMARC passes.',
      },
      advice: nothingToDo,
    },
  },
  {
    applies: (group) =>
      share(group.forwarded, group) >= halfShare ||
      (share(group.spfAligned, group) < halfShare && share(group.signedByUs, group) >= halfShare),
    judgement: {
      kind: 'forwarder',
      certainty: 'likely',
      trouble: false,
      because: {
        ja: '自分の DKIM 署名が有効なまま SPF だけ失敗している、または受信側が転送と判断しています。転送されたメールの特徴です。',
        en: 'Our own DKIM signature holds while SPF fails, or the receiver says it was forwarded: that is what forwarding looks like.',
      },
      advice: {
        ja: '対応は不要です。DKIM 署名があれば、ポリシーを強くしても届きます。SPF にこの IP を加えないでください。',
        en: 'Nothing to do: signed mail survives forwarding under any policy. Do not add these addresses to SPF.',
      },
    },
  },
  {
    applies: (group) =>
      share(group.passed, group) >= mostlyShare && share(group.dkimAligned, group) >= mostlyShare,
    judgement: {
      kind: 'authorised',
      certainty: 'proved',
      trouble: false,
      because: {
        ja: 'このドメインとして DKIM 署名しており、DMARC に合格しています。DNS に鍵を置いた送信サービスか、その転送です。',
        en: 'It signs as this domain and passes DMARC: a sender whose key is in your DNS, or mail of it that was forwarded.',
      },
      advice: {
        ja: '心当たりのある送信サービスなら対応は不要です。なければ、そのセレクターの鍵を DNS から外してください。',
        en: 'Nothing to do if you know it. If not, remove that selector’s key from your DNS.',
      },
    },
  },
  {
    applies: (group) => share(group.passed, group) >= mostlyShare,
    judgement: {
      kind: 'authorised',
      certainty: 'proved',
      trouble: true,
      because: {
        ja: 'SPF だけで DMARC に合格しています。転送されると不合格になります。',
        en: 'It passes DMARC by SPF alone, and will fail as soon as it is forwarded.',
      },
      advice: {
        ja: 'この送信元でも、このドメインの DKIM 署名を設定してください。',
        en: 'Set up DKIM signing with this domain at that sender as well.',
      },
    },
  },
  {
    applies: (group) =>
      group.known === null && share(group.ownSignatureFailed, group) >= halfShare && group.foreign > 0,
    judgement: {
      kind: 'forwarder',
      certainty: 'likely',
      trouble: false,
      because: {
        ja: '自分の署名が壊れ、別のドメインの認証が付いています。メーリングリストなど、内容を書き換える転送の特徴です。',
        en: 'Our signature is broken and another domain has vouched for it: a mailing list, or another forwarder that rewrites.',
      },
      advice: {
        ja: '数が多ければ、その転送の管理者に ARC（RFC 8617）か差出人の書き換えを依頼してください。p=reject では届かなくなります。',
        en: 'If there is much of it, ask its operator for ARC (RFC 8617) or for rewriting From: under p=reject it will not arrive.',
      },
    },
  },
  {
    applies: (group) => group.passed > 0 || share(group.ownSignatureFailed, group) >= halfShare,
    judgement: {
      kind: 'forgotten',
      certainty: 'likely',
      trouble: true,
      because: {
        ja: 'このドメインとして合格するメールとしないメールが混ざる、または署名が壊れています。設定が途中の自社システムと思われます。',
        en: 'Some of it passes as this domain and some does not, or its signature is broken: an own system that is half set up.',
      },
      advice: {
        ja: 'どのシステムか調べ、DKIM の鍵（DNS の公開鍵と一致するか）と SPF を整えてください。それまでポリシーを強くしないでください。',
        en: 'Find out which system it is; mend its DKIM key (does DNS have the same?) and SPF. Do not tighten the policy before.',
      },
    },
  },
  {
    applies: (group) => group.known !== null && (group.messages >= enoughMessages || group.days.size > 1),
    judgement: {
      kind: 'forgotten',
      certainty: 'likely',
      trouble: true,
      because: {
        ja: '送信サービスが自身のドメインで認証し、差出人だけこのドメインです。自社の誰かが使っている可能性が高い送信元です。',
        en: 'A sending service authenticates as itself with this domain in From: most likely somebody in your house uses it.',
      },
      advice: {
        ja: '使っている部署があれば、そのサービスで独自ドメインの DKIM（必要なら Return-Path も）を設定してください。なければ偽装です。',
        en: 'If a department uses it, set up DKIM with your domain there (and its return path). If nobody does, it is forged.',
      },
    },
  },
  {
    applies: (group, facts) => group.addresses.size <= fewAddresses && isSteady(group, facts),
    judgement: {
      kind: 'forgotten',
      certainty: 'likely',
      trouble: true,
      because: {
        ja: '認証はありませんが、少数の IP から毎日のように送られています。忘れられた自社のサーバーや機器の特徴です。',
        en: 'Nothing is authenticated, but few addresses send nearly every day: a forgotten server or device of your own looks so.',
      },
      advice: {
        ja: 'IP の持ち主を調べ、自社のものなら Todoku を経由させるか DKIM と SPF を設定してください。違えば偽装です。',
        en: 'Find out whose address it is. If yours, send through Todoku or set up DKIM and SPF; if not, it is forged.',
      },
    },
  },
  {
    applies: (group) => share(group.foreign, group) >= halfShare,
    judgement: {
      kind: 'unclear',
      certainty: 'unknowable',
      trouble: false,
      because: {
        ja: '別のドメインとして認証されています。転送か、誰かの代理送信か、偽装かは、レポートからは分かりません。',
        en: 'It is authenticated as another domain: forwarding, sending on behalf, or forging; the reports do not tell.',
      },
      advice: {
        ja: '数が増えるようなら、署名のドメインの持ち主を調べてください。',
        en: 'If it grows, find out whose the signing domain is.',
      },
    },
  },
];

const lastRule: Rule = {
  applies: () => true,
  judgement: {
    kind: 'forger',
    certainty: 'likely',
    trouble: true,
    because: {
      ja: 'SPF にも DKIM にも一度も合格していません。このドメインを名乗る偽装メールと思われます。',
      en: 'It never passed SPF or DKIM: mail that only claims to be from this domain.',
    },
    advice: {
      ja: '止めるのはポリシーです。自社の送信元を整えてから、p=quarantine、次に p=reject にしてください。',
      en: 'What stops it is the policy: once your own senders are in order, go to p=quarantine, then p=reject.',
    },
  },
};
