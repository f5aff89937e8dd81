import type { TemplateRenderer } from './template-renderer.ts';

/** How a template is rendered. */
export type TemplateInspection = {
  /** File name, or `subject`. */
  readonly template: string;
  /** false: parts of it are rendered by liquidjs itself, which takes about ten times as long for them. */
  readonly compiled: boolean;
  /** Which parts, null when there are none: `tag "tablerow" on line 3`. */
  readonly reason: string | null;
  readonly left: readonly { readonly tag: string; readonly line: number }[];
  /** Static texts, each encoded once. */
  readonly segments: number;
  /** Places where values are put out. */
  readonly slots: number;
};

export function inspectTemplate({ template, compiled }: TemplateRenderer): TemplateInspection {
  const { left, segments, slots } = compiled;
  const reason = left.map(({ tag, line }) => `tag "${tag}" on line ${line}`).join(', ');
  return {
    template: template.name,
    compiled: left.length === 0,
    reason: reason === '' ? null : reason,
    left,
    segments,
    slots,
  };
}
