import { Drop } from 'liquidjs';

/** A value as liquidjs writes it. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (value instanceof Drop) return textOf(value.valueOf());
  // oxlint-disable-next-line typescript/no-base-to-string -- variables are texts; what else a filter makes shows as in liquidjs
  return String(value);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

/** As liquidjs' `escape` does. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
