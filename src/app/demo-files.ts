import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoCsv, demoNewsletter, demoRecipients, demoSenderDomain } from '../../simulator/index.ts';
import { systemClock } from '../base/index.ts';
import type { DemoPlan } from '../cli/index.ts';

// One internet for everybody who runs the demo: the same people fail for the same reasons.
const seed = 'todoku';

// A message to a server that is down is given up after this long, and the demo lasts until then: as short as lets all
// others end as they would with days to spare. Greylisting and rate windows are over after 9 s.
const patienceSeconds = 10;
// Two cores of 2024 make 4,100 RSA-2048 signatures a second on one, and play sender and receivers of 700 mails a second.
// Taken as half of that, and never below what a machine with four others' tests on it managed.
const signaturesPerMail = 12;
const slowestPerSecond = 150;

function settingsFor(count: number, key: KeyObject): string {
  const perSecond = Math.max(slowestPerSecond, signaturesPerSecond(key) / signaturesPerMail);
  const expirySeconds = patienceSeconds + Math.ceil(count / perSecond);
  return `# Written by \`todoku demo\`: mail of this configuration goes to a simulated internet on this machine, never outside.
simulator:
  seed: ${seed}
  timeScale: 60 # a provider's minute passes in a second
storage:
  url: sqlite:data
delivery:
  hostname: mail.${demoSenderDomain}
  retry:
    first: 1s
    longest: 5s
  expiry: ${expirySeconds}s # what is still refused by then is given up: the demo shows that as well
domains:
  - name: ${demoSenderDomain}
    returnPath: bounce.${demoSenderDomain}
    dkim:
      - selector: demo
        key: dkim.pem
        algorithm: rsa-sha256
`;
}

const probes = 100;

function signaturesPerSecond(key: KeyObject): number {
  const startedMs = systemClock.monotonic();
  for (let done = 0; done < probes; done++) sign('sha256', Buffer.from(String(done)), key);
  return (probes * 1000) / Math.max(1, systemClock.monotonic() - startedMs);
}

/** Writes what the demo needs into a folder (configuration, DKIM key, list, newsletter stays where it is) unless it is there already. */
export function writeDemo(folder: string, count: number): DemoPlan {
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  if (!existsSync(file('dkim.pem'))) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(file('dkim.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  writeFileSync(file('todoku.yaml'), settingsFor(count, createPrivateKey(readFileSync(file('dkim.pem')))));
  writeFileSync(file('recipients.csv'), Buffer.concat([...demoCsv(demoRecipients(count, seed))]));
  const letter = demoNewsletter();
  return {
    configFile: file('todoku.yaml'),
    dataFolder: file('data'),
    request: {
      from: letter.from,
      subject: letter.subject,
      template: letter.htmlFile,
      text: letter.textFile,
      recipients: file('recipients.csv'),
      replyTo: null,
      domain: null,
      defaults: {},
      rejected: null,
      requireTls: false,
      stream: 'bulk',
      window: null,
      timezone: null,
      list: null,
      deliver: true,
    },
  };
}
