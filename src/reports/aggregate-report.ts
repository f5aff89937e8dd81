import type {
  AggregateRecord,
  AggregateReport,
  Mend,
  OverrideReason,
  PolicyPublished,
  ReportExtension,
} from './report.ts';
import type { ReportFault } from './report-fault.ts';
import { addressOf, countOf, numberOf, secondsOf, wordOf } from './report-values.ts';
import { childOf, childrenOf, childText, parseElement, textOf } from './xml-node.ts';
import type { XmlNode } from './xml-node.ts';
import { cutXml } from './xml-pieces.ts';

export type AggregateReading =
  | { readonly ok: true; readonly report: AggregateReport }
  | { readonly ok: false; readonly fault: ReportFault };

/** Reads the XML of an aggregate report: RFC 9990, RFC 7489 and the drafts before them, sound or broken. */
export function readAggregateXml(text: string, mended: readonly Mend[] = []): AggregateReading {
  const records: AggregateRecord[] = [];
  const reading = cutXml(text, (xml) => records.push(recordOf(parseElement(xml, 'record'))));
  if (!reading.ok) return reading;
  const feedback = parseElement(reading.pieces.frame, 'feedback');
  const policies = childrenOf(feedback, 'policy_published');
  const mends = new Set([...mended, ...reading.pieces.mended]);
  if (policies.length > 1) mends.add('several-policies');
  const report = reportOf(feedback, records, mends);
  const says =
    report.report_metadata.report_id ?? report.policy_published.domain ?? report.report_metadata.org_name;
  // An element of that name, and nothing of a report in it.
  if (says === null && records.length === 0) return { ok: false, fault: 'no-report' };
  return { ok: true, report };
}

function reportOf(
  feedback: XmlNode,
  records: readonly AggregateRecord[],
  mended: ReadonlySet<Mend>,
): AggregateReport {
  // Where the element around them is missing, its fields stand in the root.
  const metadata = childOf(feedback, 'report_metadata') ?? feedback;
  const range = childOf(metadata, 'date_range') ?? childOf(feedback, 'date_range') ?? metadata;
  return {
    kind: 'dmarc-aggregate',
    version: numberOf(childText(feedback, 'version')),
    report_metadata: {
      org_name: childText(metadata, 'org_name'),
      email: childText(metadata, 'email'),
      extra_contact_info: childText(metadata, 'extra_contact_info'),
      report_id: childText(metadata, 'report_id'),
      date_range: { begin: secondsOf(childText(range, 'begin')), end: secondsOf(childText(range, 'end')) },
      error: childrenOf(metadata, 'error').flatMap((error) => textOf(error) ?? []),
      generator: childText(metadata, 'generator'),
    },
    policy_published: policyOf(childOf(feedback, 'policy_published') ?? feedback),
    records,
    extensions: extensionsOf(feedback),
    mended: [...mended],
  };
}

function policyOf(policy: XmlNode): PolicyPublished {
  return {
    domain: childText(policy, 'domain'),
    version_published: versionOf(childText(policy, 'version_published')),
    adkim: wordOf(childText(policy, 'adkim')),
    aspf: wordOf(childText(policy, 'aspf')),
    p: wordOf(childText(policy, 'p')),
    sp: wordOf(childText(policy, 'sp')),
    np: wordOf(childText(policy, 'np')),
    pct: countOf(childText(policy, 'pct')),
    fo: wordOf(childText(policy, 'fo')),
    testing: wordOf(childText(policy, 'testing')) === 'y',
    discovery_method: wordOf(childText(policy, 'discovery_method')),
  };
}

/** A decimal by the schema of RFC 7489; some write `DMARC1`. */
function versionOf(text: string | null): number | string | null {
  return numberOf(text) ?? text;
}

function recordOf(record: XmlNode): AggregateRecord {
  const row = childOf(record, 'row') ?? record;
  const evaluated = childOf(row, 'policy_evaluated') ?? childOf(record, 'policy_evaluated');
  // `identities` is what the first drafts called them.
  const identifiers = childOf(record, 'identifiers') ?? childOf(record, 'identities') ?? record;
  const results = childOf(record, 'auth_results');
  return {
    row: {
      source_ip: addressOf(childText(row, 'source_ip')),
      count: countOf(childText(row, 'count')),
      policy_evaluated: {
        disposition: wordOf(childText(evaluated, 'disposition')),
        dkim: wordOf(childText(evaluated, 'dkim')),
        spf: wordOf(childText(evaluated, 'spf')),
        reason: childrenOf(evaluated, 'reason').flatMap(reasonOf),
      },
    },
    identifiers: {
      header_from: childText(identifiers, 'header_from'),
      envelope_from: childText(identifiers, 'envelope_from'),
      envelope_to: childText(identifiers, 'envelope_to'),
    },
    auth_results: {
      dkim: childrenOf(results, 'dkim').flatMap((dkim) => {
        const domain = childText(dkim, 'domain');
        const result = wordOf(childText(dkim, 'result') ?? textOf(dkim));
        const selector = childText(dkim, 'selector');
        if (domain === null && result === null && selector === null) return [];
        return [{ domain, selector, result, human_result: childText(dkim, 'human_result') }];
      }),
      spf: childrenOf(results, 'spf').flatMap((spf) => {
        const domain = childText(spf, 'domain');
        const result = wordOf(childText(spf, 'result') ?? textOf(spf));
        if (domain === null && result === null) return [];
        return [
          {
            domain,
            scope: wordOf(childText(spf, 'scope')),
            result,
            human_result: childText(spf, 'human_result'),
          },
        ];
      }),
    },
    extensions: extensionsOf(record),
  };
}

// RFC 9990 §3.1.1.11; `sampled_out` and `forwarded` of RFC 7489 went with `pct`.
const reasonsOfRfc9990 = new Set([
  'local_policy',
  'mailing_list',
  'other',
  'policy_test_mode',
  'trusted_forwarder',
]);

function reasonOf(reason: XmlNode): readonly OverrideReason[] {
  const type = wordOf(childText(reason, 'type') ?? textOf(reason));
  const comment = childText(reason, 'comment');
  if (type === null && comment === null) return [];
  const current = type === null ? null : reasonsOfRfc9990.has(type) ? type : 'other';
  return [{ type, type_rfc9990: current, comment }];
}

function extensionsOf(node: XmlNode): readonly ReportExtension[] {
  return childrenOf(childOf(node, 'extensions'), 'extension').map((extension) => ({
    name: textOf(childOf(extension, '@name')),
    definition: textOf(childOf(extension, '@definition')),
  }));
}
