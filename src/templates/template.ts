/** A stored template: Liquid sources, compiled when it was stored. Times: milliseconds since 1970. */
export type Template = {
  /** `^[a-z0-9][a-z0-9._-]{0,63}$` */
  readonly name: string;
  /** Whose it is: a sending domain, or null for everybody's. */
  readonly domain: string | null;
  readonly subject: string;
  /** Liquid in HTML; made from `mjml` where there is one. */
  readonly html: string | null;
  /** As it was given. */
  readonly mjml: string | null;
  readonly text: string | null;
  /** Values of variables that a mail's data lacks. */
  readonly defaults: Readonly<Record<string, string>>;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Counts the changes, from 1. */
  readonly version: number;
};

/** What is stored of one; the store stamps the rest. */
export type NewTemplate = Omit<Template, 'createdMs' | 'updatedMs' | 'version'>;

export type TemplatePage = { readonly items: readonly Template[]; readonly next: string | null };

/** What is asked of a store; synchronous, like all of it. */
export interface TemplateStore {
  find(name: string): Template | null;
  /** By name. `domains`: theirs and everybody's; null: all. */
  list(question: {
    readonly domains: readonly string[] | null;
    readonly cursor: string | null;
    readonly limit: number;
  }): TemplatePage;
  /** Makes or replaces it, durably. */
  put(template: NewTemplate, atMs: number): Template;
  /** false: there was none. */
  remove(name: string): boolean;
}
