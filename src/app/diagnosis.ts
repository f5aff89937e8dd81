import { createSecretKey, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { AppError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { DiagnosisInbox } from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { checkMessage, createDiagnosis, createResultStore, newDiagnosisId } from '../deliverability/index.ts';
import type { ResultStore } from '../deliverability/index.ts';
import type { Diagnose } from '../inbound/index.ts';
import { makeToken } from '../protocol/return-path/index.ts';
import { openCheckTools } from './check-tools.ts';
import type { CheckParts } from './check-tools.ts';
import type { Service } from './inbound-doors.ts';
import { messageTools } from './message-tools.ts';

/** The results of a data folder; the folder is made with the first of them. */
export function diagnosisResults(dataFolder: string, clock: Clock): ResultStore {
  return createResultStore({ folder: join(dataFolder, 'diagnosis'), clock });
}

/** What looks at the mail of diagnosis addresses while the listener runs; null: the configuration has none. */
export function openDiagnosis(
  parts: CheckParts,
  dataFolder: string,
): (Service & { readonly diagnose: Diagnose }) | null {
  const { config, clock } = parts;
  const { domain, mailsPerHour } = config.inbound.diagnosis;
  if (domain === null) return null;
  const tools = openCheckTools(parts);
  // The links of strangers are never opened: anybody could have us ask anything of anybody.
  const asked = messageTools(parts, tools, null);
  const take = createDiagnosis({
    check: async (bytes, envelope) => await checkMessage({ bytes, envelope, bulk: false }, asked),
    results: diagnosisResults(dataFolder, clock),
    clock,
    mailsPerHour,
  });
  return {
    diagnose: async ({ mail, token, ip, helo, sender }) =>
      await take({ id: token.toLowerCase(), mail, envelope: { ip, helo, sender } }),
    stop: (): Promise<void> => Promise.resolve(tools.resolver.close()),
  };
}

/** A new address that takes mail for a week, and the id of its result. */
export function newDiagnosisInbox(config: Config, secret: Buffer, clock: Clock): DiagnosisInbox {
  const { domain } = config.inbound.diagnosis;
  if (domain === null) throw noDiagnosis();
  const id = newDiagnosisId(clock.now(), randomBytes);
  const token = makeToken({ purpose: 'diagnosis', id, key: createSecretKey(secret) });
  const page = config.http.listen === null ? null : `${config.http.publicUrl}/c/${token}`;
  return { address: `check-${token}@${domain}`, id: token, page };
}

function noDiagnosis(): AppError {
  return new AppError({
    code: 'diagnosis-not-configured',
    message: {
      ja: '診断用アドレスのドメインが設定されていません',
      en: 'no domain for diagnosis addresses is configured',
    },
    hint: {
      ja: '設定に inbound.diagnosis.domain を書き、その MX を inbound.listen に向けてください',
      en: 'set inbound.diagnosis.domain, and let its MX lead to inbound.listen',
    },
  });
}
