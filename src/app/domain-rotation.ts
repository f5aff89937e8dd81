import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../base/index.ts';
import type { RotationAnswer } from '../cli/index.ts';
import type { SendingDomain } from '../config/index.ts';
import { advanceRotation, keyRotation, newSelector, readDkimKey } from '../deliverability/index.ts';
import type { KeyRotation } from '../deliverability/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import { withCheckTools } from './check-tools.ts';
import { configuredKeys, keyFolder, makeKey, replaceFile, storedKeys } from './domain-keys.ts';
import type { DomainKey } from './domain-keys.ts';
import { configurationText } from './domain-setup.ts';
import type { DomainParts } from './domain-setup.ts';
import { sendingDomain } from './sender.ts';

const bookName = 'rotations.json';
const book = z.array(keyRotation);

/** Takes the change of keys of a domain one step further; the first call makes the new key. `isNew`: begin, although one was done before. */
export async function rotateKeys(
  parts: DomainParts,
  { domain, isNew }: { readonly domain: string; readonly isNew: boolean },
): Promise<RotationAnswer> {
  const own = sendingDomain(parts.config, domain);
  if (own?.name !== domain || own.dkim.length === 0) throw nothingToRotate(domain);
  const folder = keyFolder(parts.dataDirectory, domain);
  const past = readBook(folder);
  const last = past.at(-1);
  const isOver = last === undefined || (last.revoked !== null && isNew);
  const current = isOver ? begin(parts, { own, folder, past }) : last;
  const rest = isOver ? past : past.slice(0, -1);
  if (isOver) saveBook(folder, [...rest, current]);
  return await withCheckTools(parts, async ({ resolver }) => {
    const key = keyNamed(folder, current);
    const old = current.replaces.map((selector) => `${selector}._domainkey.${domain}`);
    const { rotation, step } = advanceRotation(current, {
      nowMs: parts.clock.now(),
      isPublished: await isPublished(
        {
          name: `${current.selector}._domainkey.${domain}`,
          record: key.record,
          before: current.verified !== null,
        },
        resolver,
      ),
      signing: own.dkim.map(({ selector }) => selector),
      isOldGone: (await Promise.all(old.map(async (name) => await isGone(name, resolver)))).every(Boolean),
      expiryMs: parts.config.delivery.expiryMs,
    });
    saveBook(folder, [...rest, rotation]);
    return answerOf({ domain, rotation, key, old }, step, own);
  });
}

type Seen = {
  readonly domain: string;
  readonly rotation: KeyRotation;
  readonly key: DomainKey;
  readonly old: readonly string[];
};

function answerOf(
  { domain, rotation, key, old }: Seen,
  step: RotationAnswer['step'],
  own: SendingDomain,
): RotationAnswer {
  const others = configuredKeys(own).filter(
    ({ selector }) => !rotation.replaces.includes(selector) && selector !== key.selector,
  );
  return {
    domain,
    rotation,
    step,
    publish: { name: `${key.selector}._domainkey.${domain}`, value: key.record },
    revoke: old.map((name) => ({ name, value: 'v=DKIM1; p=' })),
    configuration: configurationText(domain, [...others, key], own),
  };
}

type Beginning = {
  readonly own: SendingDomain;
  readonly folder: string;
  readonly past: readonly KeyRotation[];
};

/** The new key takes the place of those of its algorithm; an Ed25519 key beside it stays (RFC 8463 §3). */
function begin({ clock }: DomainParts, { own, folder, past }: Beginning): KeyRotation {
  const rsa = own.dkim.filter(({ algorithm }) => algorithm === 'rsa-sha256');
  const replaced = rsa.length > 0 ? rsa : own.dkim;
  const taken = [
    ...own.dkim.map(({ selector }) => selector),
    ...storedKeys(folder).map(({ selector }) => selector),
    ...past.flatMap(({ selector, replaces }) => [selector, ...replaces]),
  ];
  const selector = newSelector(clock.now(), taken);
  const algorithm = replaced[0]?.algorithm ?? 'rsa-sha256';
  const { file } = makeKey(folder, { selector, algorithm });
  return {
    selector,
    file,
    replaces: replaced.map((key) => key.selector),
    made: new Date(clock.now()).toISOString(),
    verified: null,
    switched: null,
    revoked: null,
  };
}

function keyNamed(folder: string, { selector, file }: KeyRotation): DomainKey {
  const key = storedKeys(folder).find((each) => each.selector === selector);
  if (key !== undefined) return key;
  throw new AppError({
    code: 'rotation-key-missing',
    message: {
      ja: `交換中の DKIM の鍵 ${file} がありません`,
      en: `the DKIM key ${file} of the rotation under way does not exist`,
    },
    hint: {
      ja: `バックアップから戻すか、${bookName} の最後の項目を消してやり直してください`,
      en: `bring it back from a backup, or take the last entry out of ${bookName} and begin again`,
    },
  });
}

/** A DNS that is silent for the moment takes nothing back: then `before` counts. */
async function isPublished(
  { name, record, before }: { readonly name: string; readonly record: string; readonly before: boolean },
  resolver: Resolver,
): Promise<boolean> {
  const answer = await resolver.txt(name);
  if (answer.kind === 'failed') return before;
  const [text] = answer.kind === 'found' ? answer.records : [];
  if (answer.kind !== 'found' || answer.records.length !== 1 || text === undefined) return false;
  const [wanted, found] = [readDkimKey(record), readDkimKey(text)];
  return wanted.ok && found.ok && wanted.publicKey === found.publicKey;
}

async function isGone(name: string, resolver: Resolver): Promise<boolean> {
  const answer = await resolver.txt(name);
  if (answer.kind === 'failed') return false;
  if (answer.kind !== 'found') return true;
  return answer.records.every((text) => {
    const key = readDkimKey(text);
    return key.ok && key.revoked;
  });
}

function readBook(folder: string): readonly KeyRotation[] {
  const file = join(folder, bookName);
  if (!existsSync(file)) return [];
  const read = book.safeParse(parsed(readFileSync(file, 'utf8')));
  if (read.success) return read.data;
  throw new AppError({
    code: 'rotation-book-broken',
    message: {
      ja: `DKIM の鍵の交換の記録 ${file} を読めません`,
      en: `the record of DKIM key rotations ${file} cannot be read`,
    },
    hint: {
      ja: 'バックアップから戻すか、別の名前に変えてやり直してください',
      en: 'bring it back from a backup, or rename it and begin again',
    },
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Cut off or edited by hand: the schema refuses it with the name of the file.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function saveBook(folder: string, rotations: readonly KeyRotation[]): void {
  replaceFile(folder, bookName, `${JSON.stringify(rotations, null, 2)}\n`);
}

function nothingToRotate(domain: string): AppError {
  return new AppError({
    code: 'rotation-no-key',
    message: {
      ja: `${domain} には交換する DKIM の鍵が設定されていません`,
      en: `${domain} has no DKIM key in the configuration that could be changed`,
    },
    hint: {
      ja: `まず \`todoku domain setup ${domain}\` で鍵を作り、設定に加えてください`,
      en: `make one first with \`todoku domain setup ${domain}\`, and add it to the configuration`,
    },
  });
}
