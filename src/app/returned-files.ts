import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../base/index.ts';
import { createBounceReader, describeMail, mailsIn, type MailDescription } from '../bounces/index.ts';
import type { Knowledge } from '../knowledge/index.ts';

/** `name` as people gave it, and what it holds. */
type MailFile = { readonly name: string; readonly octets: () => AsyncIterable<Uint8Array> };

/** Reads returned mails from files, mboxes, Maildirs, folders and `-`; names are looked up before the first is read. */
export function readReturnedFiles(
  names: readonly string[],
  stdin: AsyncIterable<Uint8Array | string>,
  knowledge: Knowledge,
): AsyncIterable<MailDescription> {
  return describeEach(
    names.flatMap((name) => filesOf(name, stdin)),
    knowledge,
  );
}

async function* describeEach(
  files: readonly MailFile[],
  knowledge: Knowledge,
): AsyncGenerator<MailDescription> {
  const reader = createBounceReader(knowledge);
  for (const { name, octets } of files) {
    let ordinal = 0;
    for await (const mail of mailsIn(octets())) {
      for (const returned of reader.readAll(mail)) {
        ordinal += 1;
        yield* describeMail(returned, { file: name, mail: ordinal }, knowledge);
      }
    }
  }
}

function filesOf(name: string, stdin: AsyncIterable<Uint8Array | string>): readonly MailFile[] {
  if (name === '-') return [{ name, octets: () => octetsOf(stdin) }];
  // What the system refuses (missing, no permission) is told by its own error, with the path in it.
  const facts = statSync(name);
  if (facts.isDirectory()) return filesOfFolder(name);
  if (!facts.isFile() && !facts.isFIFO()) throw notAFile(name);
  return [{ name, octets: () => createReadStream(name) }];
}

/** A Maildir has its mails in `cur` and `new`; any other folder is a folder of mails. */
function filesOfFolder(folder: string): readonly MailFile[] {
  const inside = ['new', 'cur'].map((each) => path.join(folder, each)).filter((each) => existsSync(each));
  const folders = inside.length > 0 ? inside : [folder];
  return folders.flatMap((each) =>
    readdirSync(each, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => path.join(each, entry.name))
      .toSorted()
      .map((name) => ({ name, octets: () => createReadStream(name) })),
  );
}

async function* octetsOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

function notAFile(name: string): AppError {
  return new AppError({
    code: 'classify-not-a-file',
    message: {
      ja: `${name} はファイルでもフォルダーでもありません`,
      en: `${name} is neither a file nor a folder`,
    },
    hint: {
      ja: '戻ってきたメールのファイル、mbox、Maildir、または - （標準入力）を渡してください',
      en: 'give a returned mail, an mbox, a Maildir, or - for standard input',
    },
  });
}
