import { Liquid, Tag, filters } from 'liquidjs';

/** Bounds on what one template may cost; templates come from users. */
export type ComposeLimits = {
  /** Longest template source, characters. */
  readonly sourceChars: number;
  /** Time for one template of one recipient, milliseconds; looked at between tags. */
  readonly renderMs: number;
  /** What filters and ranges may allocate for one template, in liquidjs' units (about characters). */
  readonly memory: number;
  /** Longest finished message, octets. */
  readonly messageBytes: number;
};

export const defaultLimits: ComposeLimits = {
  // Gmail clips messages above 102 KB; ten times the largest template seen in the field.
  sourceChars: 2_000_000,
  // A template takes 0.1–1 ms; a second means a runaway loop, and an engine thread stands still meanwhile.
  renderMs: 1_000,
  // Several filters over a value of 100 KB are legitimate; a range of millions is not.
  memory: 20_000_000,
  // Gmail and most providers in Japan take 20–25 MB; a newsletter above 10 MB is a mistake.
  messageBytes: 10_000_000,
};

// These read other files, of which a stored content has none; and no template shall read the operator's disk.
const fileTags = ['include', 'render', 'layout', 'block'] as const;

/** Raised while parsing; `template.ts` turns it into an AppError with template and line. */
export class FileTagError extends Error {
  readonly tag: string;

  constructor(tag: string) {
    super(`tag "${tag}" reads another template, which is not available in mail`);
    this.tag = tag;
  }
}

export type EngineOptions = {
  readonly limits: ComposeLimits;
  /** Minutes east of UTC for the `date` filter. */
  readonly offsetMinutes: number;
  /** What becomes of each output that does not end in `| raw`; null writes it as it is. */
  readonly escape: ((value: unknown) => string) | null;
  /** Time that `'now' | date` shows: the message's own date, so that a retry renders the same bytes. */
  readonly nowMs: () => number;
};

/** A liquidjs with every limit on, no files, nothing random, nothing of the host's clock. */
export function createEngine({ limits, offsetMinutes, escape, nowMs }: EngineOptions): Liquid {
  const engine = new Liquid({
    strictVariables: true,
    // `{% if coupon %}` and `| default:` ask whether a variable is there: that must not be an error.
    lenientIf: true,
    strictFilters: true,
    ownPropertyOnly: true,
    parseLimit: limits.sourceChars,
    renderLimit: limits.renderMs,
    memoryLimit: limits.memory,
    // An empty map in place of the file system, should a tag ever reach for it.
    templates: {},
    relativeReference: false,
    locale: 'en-US',
    // liquidjs counts minutes west, as Date.getTimezoneOffset does.
    timezoneOffset: -offsetMinutes,
    ...(escape === null ? {} : { outputEscape: escape }),
  });
  for (const tag of fileTags) {
    engine.registerTag(
      tag,
      class extends Tag {
        constructor(...parts: ConstructorParameters<typeof Tag>) {
          super(...parts);
          throw new FileTagError(tag);
        }
        // The constructor throws; liquidjs demands the method
        render(): void {}
      },
    );
  }
  // The same recipient must give the same bytes at each attempt, so nothing random and no other clock.
  engine.unregisterFilter('sample');
  for (const name of [
    'date',
    'date_to_xmlschema',
    'date_to_rfc822',
    'date_to_string',
    'date_to_long_string',
  ] as const) {
    const original = filters[name];
    if (typeof original !== 'function') throw new TypeError(`liquidjs has no filter ${name}`);
    engine.registerFilter(name, function at(value: unknown, ...rest: unknown[]) {
      const moment = value === 'now' || value === 'today' ? new Date(nowMs()) : value;
      return Reflect.apply(original, this, [moment, ...rest]) as unknown;
    });
  }
  // An explicit escape at the end is enough: escaping once more would show `&amp;` to the reader.
  for (const name of ['escape', 'escape_once', 'xml_escape'] as const) {
    const handler = filters[name];
    if (typeof handler !== 'function') throw new TypeError(`liquidjs has no filter ${name}`);
    engine.registerFilter(name, { raw: true, handler });
  }
  return engine;
}
