import type { Language } from '../../base/index.ts';
import type { MailServer } from './fault-schema.ts';
import type { Faults } from './faults.ts';
import type { Choice } from './walk.ts';

/** A cause in words, with the steps of the provider or mail program that was named. */
export type Remedy = {
  readonly cause: string;
  readonly party: string;
  readonly title: string;
  readonly meaning: string;
  readonly steps: readonly string[];
  /** Providers or programs that have more to say; empty where they do not differ. */
  readonly places: readonly Choice[];
  /** What the chosen one adds; null: none was chosen. */
  readonly place: { readonly name: string; readonly steps: readonly string[] } | null;
  /** The command that proves it; null: none can. */
  readonly check: string | null;
};

type Asked = { readonly language: Language; readonly place: string | null };

/** null: there is no such cause. A place that is not known counts as none. */
export function remedyOf(faults: Faults, cause: string, { language, place }: Asked): Remedy | null {
  const text = faults.causes.get(cause);
  if (text === undefined) return null;
  const { title, meaning, steps } = text[language];
  const places = placesFor(faults, cause, language);
  const chosen = places.find(({ id }) => id === place);
  return {
    cause,
    party: text.party,
    title,
    meaning,
    steps,
    places: places.map(({ id, name }) => ({ id, text: name })),
    place: chosen === undefined ? null : { name: chosen.name, steps: chosen.steps },
    check: text.check,
  };
}

type Place = { readonly id: string; readonly name: string; readonly steps: readonly string[] };

function placesFor(faults: Faults, cause: string, language: Language): readonly Place[] {
  const text = faults.causes.get(cause);
  if (text?.place === 'program') {
    return faults.places.programs.flatMap(({ id, name, causes }) => {
      const steps = causes[cause]?.[language] ?? [];
      return steps.length === 0 ? [] : [{ id, name: name[language], steps }];
    });
  }
  if (text?.place !== 'provider') return [];
  const isCarriers = cause === 'carrier-silent-filter';
  return faults.places.providers.flatMap(({ id }) => {
    if (isCarriers && faults.providers.get(id)?.kind !== 'carrier') return [];
    const steps = providerSteps(faults, id, { cause, language });
    const name = faults.providers.get(id)?.name[language] ?? id;
    return steps.length === 0 ? [] : [{ id, name, steps }];
  });
}

type Of = { readonly cause: string; readonly language: Language };

/** What a provider's own rules and servers add to a cause. */
function providerSteps(faults: Faults, provider: string, { cause, language }: Of): readonly string[] {
  switch (cause) {
    case 'spam-folder':
    case 'pop-cannot-see-spam':
    case 'sorting-rule':
    case 'carrier-silent-filter':
      return faults.providers.get(provider)?.recipientSteps?.[language] ?? [];
    case 'attachment-size':
      return sizeSteps(faults, provider, language);
    case 'recipient-mailbox-full':
      return roomSteps(faults, provider, language);
    default:
      return serverSteps(faults, provider, { cause, language });
  }
}

function sizeSteps(faults: Faults, provider: string, language: Language): readonly string[] {
  const place = faults.places.providers.find(({ id }) => id === provider);
  if (place?.sizeMegabytes === undefined) return [];
  const whole = place.sizeMegabytes;
  // Base64 makes 4 characters of 3 octets, and lines of them: RFC 2045 §6.8.
  const files = whole < 10 ? (whole / 1.37).toFixed(1) : Math.floor(whole / 1.37);
  const sure = place.confidence === 'published';
  const about = sure
    ? { ja: '', en: '' }
    : { ja: '（公表されていない目安）', en: ' (reported, not published)' };
  return {
    ja: [`メール全体で ${whole} MB まで、ファイルの合計なら約 ${files} MB まで受け取れます${about.ja}。`],
    en: [`It takes mails of up to ${whole} MB, which is about ${files} MB of files${about.en}.`],
  }[language];
}

function roomSteps(faults: Faults, provider: string, language: Language): readonly string[] {
  const room = faults.places.providers.find(({ id }) => id === provider)?.mailbox;
  if (room === undefined) return [];
  return { ja: [`入る量の目安: ${room.ja}`], en: [`It holds about ${room.en}.`] }[language];
}

function serverSteps(faults: Faults, provider: string, { cause, language }: Of): readonly string[] {
  const service = faults.services.get(provider);
  if (service === undefined) return [];
  const { imap, pop, smtp } = service;
  const lines: string[] = [];
  const incoming = cause === 'plain-port-ended';
  const names = { ja: { in: '受信', out: '送信' }, en: { in: 'receiving', out: 'sending' } }[language];
  if (incoming && imap !== undefined) lines.push(`${names.in} (IMAP): ${serverText(imap)}`);
  if (incoming && pop !== undefined) lines.push(`${names.in} (POP): ${serverText(pop)}`);
  if (smtp !== undefined) lines.push(`${names.out} (SMTP): ${serverText(smtp)}`);
  return lines;
}

function serverText({ host, port, tls }: MailServer): string {
  return `${host} ${port} ${tls === 'implicit' ? 'SSL/TLS' : tls === 'starttls' ? 'STARTTLS' : tls}`;
}
