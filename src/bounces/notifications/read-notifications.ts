import { isObject, objectAt, objectTextAt, parseJson, textAt, type JsonObject } from './json-value.ts';
import type { Notification } from './notification.ts';
import { readSes } from './ses.ts';
import { webhookReaders } from './webhooks.ts';

/** SNS within EventBridge within a list: deeper wrappings do not occur. */
const deepestEnvelope = 4;

/** Does the text begin as JSON does? */
export function looksLikeJson(text: string): boolean {
  return /^[\uFEFF\s]{0,100}(?:\{\s{0,100}"|\[\s{0,100}\{)/.test(text.slice(0, 1_000));
}

/** Notifications of sending services: one object, an array, or JSON lines; empty when there is none. */
export function readNotifications(text: string, most: number): readonly Notification[] {
  const found: Collection = { list: [], most };
  const whole = parseJson(text.trim());
  const values = whole === null ? lines(text, most) : [whole];
  for (const value of values) collect(value, found, 0);
  return found.list;
}

/** The notification in the text of a mail (SNS by e-mail); its JSON may have been folded on the way. */
export function readNotificationWithin(words: string): readonly Notification[] {
  const start = words.search(/^[ \t]*\{\s*"/m);
  if (start < 0) return [];
  const object = objectTextAt(words, words.indexOf('{', start));
  const found: Collection = { list: [], most: 1 };
  if (object !== null) collect(parseJson(object.replaceAll(/\r?\n/g, '')), found, 0);
  return found.list;
}

type Collection = { readonly list: Notification[]; readonly most: number };

function lines(text: string, most: number): readonly unknown[] {
  const all = text.split('\n');
  return all.slice(0, Math.min(all.length, most)).map((line) => parseJson(line.trim()));
}

function collect(value: unknown, found: Collection, depth: number): void {
  if (depth > deepestEnvelope || found.list.length >= found.most) return;
  if (Array.isArray(value)) for (const each of value) collect(each, found, depth + 1);
  if (!isObject(value)) return;
  const inner = unwrapped(value);
  if (inner !== null) {
    collect(inner, found, depth + 1);
    return;
  }
  for (const reader of [readSes, ...webhookReaders]) {
    const notification = reader(value);
    if (notification !== null) {
      found.list.push(notification);
      return;
    }
  }
}

/** What is inside of an envelope: SNS puts JSON as text under `Message`, EventBridge as an object under `detail`. */
function unwrapped(value: JsonObject): unknown {
  const message = textAt(value, 'Message');
  if (message !== null && textAt(value, 'Type', 'TopicArn') !== null) return parseJson(message);
  const detail = objectAt(value, 'detail');
  if (detail !== null && textAt(value, 'detail-type') !== null) return detail;
  const records = value['Records'];
  if (Array.isArray(records)) return records;
  return objectAt(value, 'Sns');
}
