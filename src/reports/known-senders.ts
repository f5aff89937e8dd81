import type { Bilingual } from '../base/index.ts';

/** A service or hosting company that sends mail for others. */
export type KnownSender = {
  readonly id: string;
  readonly name: Bilingual;
  /** Under these it signs, or takes bounces, when its customer has set up nothing of their own. */
  readonly domains: readonly string[];
};

// Each from the service's own set-up pages for SPF and DKIM: the domain that stands there until the customer's own does.
const table: readonly (readonly [id: string, name: string | Bilingual, domains: string])[] = [
  ['google-workspace', 'Google Workspace', 'gappssmtp.com google.com gmail.com googlemail.com'],
  ['microsoft365', 'Microsoft 365', 'onmicrosoft.com outlook.com'],
  ['amazon-ses', 'Amazon SES', 'amazonses.com'],
  ['sendgrid', 'SendGrid', 'sendgrid.net sendgrid.info sendgrid.me'],
  ['mailgun', 'Mailgun', 'mailgun.org mailgun.net mailgun.info'],
  ['mailchimp', 'Mailchimp', 'mcsv.net mcdlv.net rsgsv.net mailchimpapp.net mandrillapp.com'],
  ['brevo', 'Brevo (Sendinblue)', 'sendinblue.com sender-sib.com brevosend.com'],
  ['mailjet', 'Mailjet', 'mailjet.com mailjet.net'],
  ['postmark', 'Postmark', 'postmarkapp.com mtasv.net'],
  ['sparkpost', 'SparkPost', 'sparkpostmail.com sparkpostmail1.com'],
  ['salesforce', 'Salesforce', 'salesforce.com exacttarget.com'],
  ['hubspot', 'HubSpot', 'hubspotemail.net hubspot.com'],
  ['zendesk', 'Zendesk', 'zendesk.com'],
  ['freshdesk', 'Freshworks', 'freshdesk.com freshemail.io'],
  ['shopify', 'Shopify', 'shopify.com shopifyemail.com'],
  ['constant-contact', 'Constant Contact', 'constantcontact.com ccsend.com'],
  ['zoho', 'Zoho', 'zoho.com zohomail.com zcsend.net'],
  ['benchmark', 'Benchmark Email', 'bmesend.com bmetrack.com'],
  ['sakura', { ja: 'さくらインターネット', en: 'Sakura Internet' }, 'sakura.ne.jp'],
  ['xserver', { ja: 'エックスサーバー', en: 'Xserver' }, 'xserver.jp'],
  ['lolipop', { ja: 'ロリポップ', en: 'Lolipop' }, 'lolipop.jp'],
  ['gmo', { ja: 'GMO インターネット', en: 'GMO Internet' }, 'gmoserver.jp'],
];

export const knownSenders: readonly KnownSender[] = table.map(([id, name, domains]) => ({
  id,
  name: typeof name === 'string' ? { ja: name, en: name } : name,
  domains: domains.split(' '),
}));

/** Whom a domain that was authenticated belongs to; null: nobody known. */
export function knownSender(domain: string): KnownSender | null {
  return knownSenders.find((sender) => sender.domains.some((each) => isWithin(domain, each))) ?? null;
}

/** The domain itself, or one below it. */
export function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}
