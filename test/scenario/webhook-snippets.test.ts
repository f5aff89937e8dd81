import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { beginning, newWebhookSecret } from '../../src/webhooks/index.ts';
import { eventPost } from '../../src/webhooks/event-post.ts';
import type { FeedEvent, Webhook } from '../../src/webhooks/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/webhooks.md'), 'utf8');

/** The program of docs/webhooks.md in one language. */
function snippet(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/webhooks.md has no ${language}`);
  return found;
}

const secrets = [1, 2].map((fill) => newWebhookSecret((bytes) => Buffer.alloc(bytes, fill)));
const [secret = '', older = ''] = secrets;
const webhook: Webhook = {
  id: 'w-1',
  url: 'https://app.example/',
  description: '',
  types: null,
  domains: null,
  owner: null,
  secrets: [
    { text: secret, untilMs: null },
    { text: older, untilMs: Number.MAX_SAFE_INTEGER },
  ],
  createdMs: 0,
  pause: null,
  position: beginning,
};
const event: FeedEvent = {
  position: { seq: 7, within: null },
  type: 'message.delivered',
  atMs: 0,
  messageId: 1,
  message: 'm-1.1',
  mail: 'm-1',
  campaign: null,
  domain: 'example.jp',
  recipient: '太郎@example.jp',
  subject: '“ご注文” 😀',
  tags: [],
  metadata: {},
  facts: null,
};

type Case = { readonly what: string; readonly input: unknown; readonly isOurs: boolean };

/** What is ours, and what somebody changed. */
function cases(): readonly Case[] {
  const nowMs = Date.now();
  const { headers, body } = eventPost(webhook, event, nowMs);
  const old = eventPost(webhook, event, nowMs - 600_000);
  const other = newWebhookSecret((bytes) => Buffer.alloc(bytes, 3));
  return [
    { what: 'as it was sent', input: { secret, headers, body }, isOurs: true },
    { what: 'by the older secret', input: { secret: older, headers, body }, isOurs: true },
    { what: 'by another secret', input: { secret: other, headers, body }, isOurs: false },
    { what: 'a changed body', input: { secret, headers, body: `${body} ` }, isOurs: false },
    {
      what: 'another id',
      input: { secret, headers: { ...headers, 'webhook-id': 'e-8' }, body },
      isOurs: false,
    },
    { what: 'ten minutes old', input: { secret, headers: old.headers, body: old.body }, isOurs: false },
    { what: 'without a signature', input: { secret, headers: { 'webhook-id': 'e-7' }, body }, isOurs: false },
    {
      what: 'a time that is none',
      input: { secret, headers: { ...headers, 'webhook-timestamp': 'NaN' }, body },
      isOurs: false,
    },
  ];
}

// Each prints what the program of the page says of each case on standard input.
const runners = {
  ts: {
    command: [process.execPath],
    file: 'verify.ts',
    rest: `
import { readFileSync, writeFileSync } from 'node:fs';
const cases = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(cases.map((each) => isFromTodoku(each.secret, each.headers, each.body))));
`,
  },
  php: {
    command: ['php', '-d', 'display_errors=stderr'],
    file: 'verify.php',
    rest: `
$cases = json_decode(file_get_contents('php://stdin'), true);
echo json_encode(array_map(fn($each) => is_from_todoku($each['secret'], $each['headers'], $each['body']), $cases));
`,
  },
  python: {
    command: ['python3'],
    file: 'verify.py',
    rest: `
import json, sys
cases = json.load(sys.stdin)
print(json.dumps([is_from_todoku(each["secret"], each["headers"], each["body"].encode()) for each in cases]))
`,
  },
} as const;

function exists(command: string): boolean {
  return spawnSync(command, ['--version']).status === 0;
}

describe('the programs of docs/webhooks.md tell what is ours', () => {
  for (const [language, { command, file, rest }] of Object.entries(runners)) {
    const [program = '', ...flags] = command;
    test.skipIf(!exists(program))(`in ${language}`, () => {
      const path = join(temporaryFolder(), file);
      writeFileSync(path, `${snippet(language)}${rest}`);
      const all = cases();
      const ran = spawnSync(program, [...flags, path], {
        input: JSON.stringify(all.map(({ input }) => input)),
      });
      expect(ran.stderr.toString().replaceAll(/^.*ExperimentalWarning[\s\S]*$/gm, '')).toBe('');
      const answers = JSON.parse(ran.stdout.toString()) as readonly boolean[];
      expect(all.map(({ what }, at) => [what, answers[at]])).toEqual(
        all.map(({ what, isOurs }) => [what, isOurs]),
      );
    });
  }
});
