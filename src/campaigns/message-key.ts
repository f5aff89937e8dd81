/** Which message a Message-ID names. */
export type MessageKey = { readonly campaign: string; readonly messageId: number };

/** The RFC 5322 §3.6.4 Message-ID of a message: the same at every attempt, made of nothing but its identity. */
export function messageIdHeader(key: MessageKey, domain: string): string {
  return `<${key.campaign}.${key.messageId.toString(36)}@${domain}>`;
}

/** Reads a Message-ID of ours, with or without angle brackets; null for any other text. */
export function parseMessageIdHeader(text: string): MessageKey | null {
  const match = /^<?(c-[0-9a-z]{10}-[0-9a-z]{5})\.([0-9a-z]{1,11})@[^@\s<>]+>?$/i.exec(text.trim());
  if (match === null) return null;
  const [, campaign = '', id = ''] = match;
  const messageId = Number.parseInt(id, 36);
  return Number.isSafeInteger(messageId) ? { campaign: campaign.toLowerCase(), messageId } : null;
}
