import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createBounceReader, failedAddress, type RecipientReport } from './index.ts';

// Whole mails, with head and MIME, as the software and the providers of thirty years are known to write them; made up for
// this test from documentation and from practice, before the reader had seen them. Addresses are nobody's (RFC 2606).

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));
const folder = path.join(import.meta.dirname, 'whole-mails');

type Sample = {
  readonly name: string;
  readonly kind: string;
  readonly recipients: readonly string[];
  readonly mail: string;
};

/**
 * `=== name | kind | recipients`, the mail behind. A recipient is an address that failed; `a>b`: was sent to a, failed at b;
 * `a=delayed`: what else became of it.
 */
function readSamples(text: string): readonly Sample[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((block) => {
      const end = block.indexOf('\n');
      const [name = '', kind = '', recipients = ''] = block.slice(0, end).split('|');
      return {
        name: name.trim(),
        kind: kind.trim(),
        recipients: recipients.match(/(?:"[^"]*"|[^\s"])+/g) ?? [],
        mail: block.slice(end + 1),
      };
    });
}

function written(report: RecipientReport): string {
  const failed = failedAddress(report);
  const address = failed === report.recipient ? `${failed}` : `${report.recipient}>${failed}`;
  return report.action === 'failed' ? address : `${address}=${report.action}`;
}

describe.each(readdirSync(folder))('%s', (file) => {
  it.each(readSamples(readFileSync(path.join(folder, file), 'utf8')))('$name', (sample) => {
    const { kind, reports } = reader.read(Buffer.from(sample.mail, 'utf8'));
    expect(kind).toBe(sample.kind);
    // Automatic replies and receipts are about their writer, whom they need not name.
    if (sample.recipients.length === 0) return;
    expect(reports.map((report) => written(report)).toSorted()).toEqual(sample.recipients.toSorted());
  });
});
