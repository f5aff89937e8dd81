import type { MjmlPreset } from 'mjml-core';

/** What MJML says of its elements. */
export type Vocabulary = {
  readonly isKnown: (element: string) => boolean;
  /** Its content is HTML or text that MJML takes as it is. */
  readonly keepsContent: (element: string) => boolean;
  /** `<mj-raw>` may stand among its children. */
  readonly takesRaw: (element: string) => boolean;
  /** The type that an attribute is declared with, such as `unit(px,%)`; null when nobody declares it. */
  readonly attributeType: (element: string, attribute: string) => string | null;
};

// These have no component: mjml-validator's validTag.js lists the same.
const withoutComponent = new Set([
  'mjml',
  'mj-all',
  'mj-class',
  'mj-selector',
  'mj-html-attribute',
  'mj-include',
]);
// Its content is an attribute's value, taken as it is though MJML does not call it an ending tag.
const textElements = new Set(['mj-html-attribute']);

export function vocabularyOf({ components, dependencies }: MjmlPreset): Vocabulary {
  const byName = new Map(components.map((component) => [component.getTagName(), component]));
  const types = new Map<string, string>();
  for (const { allowedAttributes } of components) {
    for (const [attribute, type] of Object.entries(allowedAttributes ?? {})) {
      // `<mj-all>` and `<mj-class>` may give it to any element: the strictest that is known.
      if ((types.get(attribute) ?? 'string') === 'string') types.set(attribute, type);
    }
  }
  return {
    isKnown: (element) => byName.has(element) || withoutComponent.has(element),
    keepsContent: (element) => byName.get(element)?.endingTag === true || textElements.has(element),
    takesRaw: (element) => dependencies[element]?.includes('mj-raw') ?? false,
    attributeType: (element, attribute) =>
      byName.get(element)?.allowedAttributes?.[attribute] ??
      (withoutComponent.has(element) ? (types.get(attribute) ?? null) : null),
  };
}
