import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoCsv, demoNewsletter, demoRecipients, demoSenderDomain } from '../../simulator/index.ts';
import type { DemoPlan } from '../cli/index.ts';

// One internet for everybody who runs the demo: the same people fail for the same reasons.
const seed = 'todoku';

// A message to a server that is down is given up after this long: most of the demo's time, so it is as short as lets all
// others end as they would with days to spare. Greylisting and rate windows are over after 9 s; sending takes 8 s for
// 5,000 on 2 cores of 2024, and a machine three times as slow must not see retries expire.
const patienceSeconds = 10;
const slowestPerSecond = 400;

function settingsFor(count: number): string {
  const expirySeconds = patienceSeconds + Math.ceil(count / slowestPerSecond);
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

/** Writes what the demo needs into a folder (configuration, DKIM key, list, newsletter stays where it is) unless it is there already. */
export function writeDemo(folder: string, count: number): DemoPlan {
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  if (!existsSync(file('dkim.pem'))) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(file('dkim.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  writeFileSync(file('todoku.yaml'), settingsFor(count));
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
      deliver: true,
    },
  };
}
