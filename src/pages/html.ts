/** Markup that is safe to send. Only `html` makes it, so that no text of a stranger gets into a page unescaped. */
export type Html = { readonly markup: string };

type Piece = string | number | Html | readonly Html[] | null;

/** A template whose values are escaped, unless they are markup themselves; null is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Html {
  const markup = parts.map((part, index) => part + markupOf(values[index] ?? null)).join('');
  return { markup };
}

function markupOf(value: Piece): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  if ('markup' in value) return value.markup;
  return value.map(({ markup }) => markup).join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
