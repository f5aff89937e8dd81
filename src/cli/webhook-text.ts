import { AppError } from '../base/index.ts';
import type { CommandContext } from './command.ts';
import type { WebhookAccount } from './ports.ts';

export function unknownWebhook(id: string): AppError {
  return new AppError({
    code: 'webhook-unknown',
    message: { ja: `Webhook ${id} はありません`, en: `there is no webhook ${id}` },
    hint: { ja: '`todoku webhook list` で id を確かめてください', en: '`todoku webhook list` shows the ids' },
    exitCode: 1,
  });
}

export const webhookId = {
  name: 'id',
  doc: {
    ja: 'Webhook の id（w-…、todoku webhook list で確認）',
    en: 'its id (w-…), see todoku webhook list',
  },
} as const;

/** A webhook as `--json` shows it: without its secrets. */
export function plainWebhook(account: WebhookAccount): Readonly<Record<string, unknown>> {
  const { id, url, description, types, domains, createdMs, pause, waiting = 0, dead = 0 } = account;
  return {
    id,
    url,
    description,
    types,
    domains,
    createdAt: iso(createdMs),
    state: pause === null ? 'active' : 'paused',
    because: pause?.because ?? null,
    until: pause === null ? null : iso(pause.untilMs),
    said: pause?.said ?? null,
    waiting,
    dead,
  };
}

/** One line for people. */
export function webhookLine({ say }: CommandContext, account: WebhookAccount): string {
  const { id, url, types, domains, pause, waiting = 0, dead = 0, description } = account;
  const all = say({ ja: 'すべて', en: 'all' });
  const parts = [
    id,
    url,
    types?.join(' ') ?? all,
    domains?.join(' ') ?? all,
    pause === null
      ? say({ ja: '送信中', en: 'active' })
      : say({
          ja: `休止中（${iso(pause.untilMs)} まで）: ${pause.said}`,
          en: `paused until ${iso(pause.untilMs)}: ${pause.said}`,
        }),
    say({ ja: `再送待ち ${waiting}`, en: `${waiting} to be tried again` }),
    say({ ja: `断念 ${dead}`, en: `${dead} given up` }),
    description,
  ];
  return parts
    .filter((part) => part !== '')
    .map((part) => part.replaceAll(/\p{Cc}+/gu, ' '))
    .join('\t');
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
