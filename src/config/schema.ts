import type { KeyDescription, Schema } from './key-description.ts';
import { attachmentKeys } from './keys/attachments.ts';
import { blocklistKeys } from './keys/blocklists.ts';
import { checkKeys } from './keys/check.ts';
import { deliveryKeys } from './keys/delivery.ts';
import { dnsKeys } from './keys/dns.ts';
import { mailboxKeys } from './keys/mailbox.ts';
import { inboundKeys } from './keys/inbound.ts';
import { outboxKeys } from './keys/outbox.ts';
import { sendingKeys } from './keys/sending.ts';
import { serviceKeys } from './keys/service.ts';
import { simulatorKeys } from './keys/simulator.ts';
import { submissionKeys } from './keys/submission.ts';
import { suppressionKeys } from './keys/suppression.ts';
import { tlsReportKeys } from './keys/tls-reports.ts';
import { webhookKeys } from './keys/webhooks.ts';

/** Every key, described once: the file, the environment, the checks and docs/config.md all read this. */
export const schema: Schema = {
  ...dnsKeys,
  ...mailboxKeys,
  ...checkKeys,
  ...deliveryKeys,
  ...sendingKeys,
  ...inboundKeys,
  ...submissionKeys,
  ...outboxKeys,
  ...serviceKeys,
  ...attachmentKeys,
  ...suppressionKeys,
  ...tlsReportKeys,
  ...webhookKeys,
  ...blocklistKeys,
  ...simulatorKeys,
};

/** One key under its names. */
export type Key = {
  /** In the file: `delivery.connectionsPerPath`. */
  readonly name: string;
  /** In `Config`: the same with its unit, `delivery.expiryMs`. */
  readonly configPath: string;
  /** `TODOKU_DELIVERY_CONNECTIONS_PER_PATH`. */
  readonly variable: string;
  readonly description: KeyDescription<unknown>;
};

export const keys: readonly Key[] = Object.entries<KeyDescription<unknown>>(schema).map(
  ([configPath, description]) => {
    const name = configPath.slice(0, configPath.length - description.type.unitSuffix.length);
    return { name, configPath, variable: variableOf(name), description };
  },
);

/** `delivery.tlsCa` → `TODOKU_DELIVERY_TLS_CA`. */
function variableOf(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('.', '_');
  return `TODOKU_${words.toUpperCase()}`;
}

/** Variables of the same prefix that are no keys. */
export const otherVariables: readonly string[] = ['TODOKU_DEBUG', 'TODOKU_SMTP_URL', 'TODOKU_TOKEN'];
