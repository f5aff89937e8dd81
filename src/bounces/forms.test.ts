import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createBounceReader } from './index.ts';

// Reports in the wording that each software is documented, or known, to use; written for this test with addresses of our
// own. What is tested is that the general reading of a text finds who failed, not that a form is recognised.

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));
const samples = readFileSync(path.join(import.meta.dirname, 'forms.test.txt'), 'utf8');

type Sample = {
  readonly name: string;
  readonly kind: string;
  readonly recipients: readonly string[];
  readonly mail: string;
};

/** `=== name | kind | recipients`, the mail's subject and from as a head, the text behind; see forms.test.txt. */
function readSamples(text: string): readonly Sample[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((block) => {
      const [title = '', ...lines] = block.split('\n');
      const [name = '', kind = '', recipients = ''] = title.split('|').map((each) => each.trim());
      return {
        name,
        kind,
        recipients: recipients.split(' ').filter((each) => each !== ''),
        mail: lines.join('\n'),
      };
    });
}

// A sample about ordinary mail brings its own return path; reports have the null one (RFC 3464 §2).
const usualHead =
  'To: news@sender.example\nMessage-ID: <1@mx.example>\nDate: Mon, 6 May 2024 10:00:00 +0000\n';

describe('reports in words', () => {
  it.each(readSamples(samples))('$name', ({ kind, recipients, mail }) => {
    const read = reader.read(
      Buffer.from(usualHead + (mail.startsWith('Return-Path:') ? '' : 'Return-Path: <>\n') + mail, 'utf8'),
    );
    expect(read.kind).toBe(kind);
    expect(read.reports.map(({ recipient }) => recipient)).toEqual(recipients);
  });
});
