import type { AddressListAnswer, AddressListRequest, AddressListWatch } from '../cli/index.ts';
import { createCsvFile, guarded, importRecipients } from '../contacts/index.ts';
import type { ImportedRecipient, RejectedRow } from '../contacts/index.ts';
import { createAddressCheck, createAddressListCheck, loadAddressFacts } from '../deliverability/index.ts';
import type { ListedAddress } from '../deliverability/index.ts';
import type { Finding } from '../findings/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import { givingUp } from '../net/dns/index.ts';
import { withCheckTools } from './check-tools.ts';
import type { CheckParts, CheckTools } from './check-tools.ts';

// As many as the resolver asks at once: when a whole round of them finds nobody, there is no resolver.
const mostFailures = 256;

/** Judges a list of recipients of any form that campaigns take, in bounded memory; each domain is asked about once. */
export async function checkAddressList(
  parts: CheckParts,
  request: AddressListRequest,
  watch: AddressListWatch,
): Promise<AddressListAnswer> {
  return await withCheckTools(parts, async (tools) => {
    if (request.write === null)
      return await judgeList(parts, tools, { request, watch, onFaulty: () => undefined });
    const file = createCsvFile(request.write);
    try {
      file.row(['line', 'email', 'severity', 'finding', 'title', 'meaning']);
      const onFaulty = (address: ListedAddress, findings: readonly Finding[]): void => {
        for (const finding of findings) file.row(cellsOf(address, finding, request));
      };
      const answer = await judgeList(parts, tools, { request, watch, onFaulty });
      file.finish();
      return answer;
    } finally {
      file.discard();
    }
  });
}

type Listing = {
  readonly request: AddressListRequest;
  readonly watch: AddressListWatch;
  readonly onFaulty: (address: ListedAddress, findings: readonly Finding[]) => void;
};

async function judgeList(
  { knowledge }: CheckParts,
  tools: CheckTools,
  { request, watch, onFaulty }: Listing,
): Promise<AddressListAnswer> {
  const domains = knowledge.providers.flatMap((provider) => provider.domains);
  const facts = loadAddressFacts(defaultKnowledgeFolder(), domains);
  const resolver = givingUp(tools.resolver, mostFailures);
  const check = createAddressListCheck(createAddressCheck({ ...tools, facts, resolver }), onFaulty);
  const written = new Map<number, string>();
  const unusable: ListedAddress[] = [];
  const rows = { duplicates: 0, unreadable: 0 };
  const takeUnusable = async (): Promise<void> => {
    for (const address of unusable.splice(0)) await check.take(address);
  };
  const summary = await importRecipients(
    request.file,
    {
      async accepted(batch: readonly ImportedRecipient[]) {
        for (const { line, address } of batch)
          await check.take({ line, written: written.get(line) ?? address });
        written.clear();
        await takeUnusable();
      },
      rejected(row: RejectedRow) {
        if (row.code === 'duplicate') rows.duplicates += 1;
        else if (row.code === 'bad-address') unusable.push({ line: row.line, written: cellOf(row.text) });
        else rows.unreadable += 1;
      },
      normalised: (line, text) => void written.set(line, text),
      progress: watch.reading,
    },
    { signal: watch.signal },
  );
  await takeUnusable();
  const tally = await check.end();
  return { subject: request.file, rows: summary.rows, ...rows, ...tally };
}

/** The cell of a row that was meant to be the address. */
function cellOf(text: string): string {
  return text.split(/[\t,;]/).find((cell) => /[@＠]/.test(cell)) ?? text;
}

function cellsOf(
  { line, written }: ListedAddress,
  { severity, id, advice }: Finding,
  { language }: AddressListRequest,
): readonly string[] {
  const { title, meaning } = advice[language];
  return [String(line), guarded(written), severity, id, title, guarded(meaning)];
}
