import type { FilterWord } from '../../net/spam-filter/index.ts';
import type { MessageEnvelope } from './check-authentication.ts';
import type { Tell } from './telling.ts';
import { exampleLines } from './telling.ts';

/** A filter on this network, as the receiving side would ask it. */
export type SpamFilter = {
  /** `rspamd 127.0.0.1:11333`, for people. */
  readonly name: string;
  ask(mail: Uint8Array, envelope: MessageEnvelope | null, signal: AbortSignal): Promise<FilterWord>;
};

/** Tells what a configured filter makes of the mail, rule by rule. */
export function tellFilter(name: string, word: FilterWord | null, tell: Tell): void {
  if (word === null || word.kind === 'failed') {
    tell('filter-silent', {
      subject: name,
      evidence: word === null ? 'timeout' : word.cause,
      values: { name },
    });
    return;
  }
  const counted = word.rules
    .filter(({ score }) => score !== 0)
    .toSorted((one, other) => other.score - one.score);
  const lines = counted.map(({ name: rule, score, text }) =>
    `${score > 0 ? '+' : ''}${score} ${rule} ${text}`.trim(),
  );
  const evidence = `${word.score} / ${word.threshold}\n${exampleLines(lines)}`.trim();
  tell(word.isSpam ? 'filter-spam' : 'filter-passes', {
    subject: name,
    evidence,
    values: { name, score: word.score },
  });
}
