import { Parser } from 'htmlparser2';
import { betweenRule } from './between.ts';
import type { Element } from './between.ts';
import type { LiquidToken } from './liquid-token.ts';
import { misplaced, mjmlError, shown } from './mjml-error.ts';
import type { Disguised } from './placeholders.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Liquid that belongs together: what one attribute, one text or one place between elements holds. */
export type Chunk = {
  /** Numbers of tokens, in their order. */
  readonly tokens: readonly number[];
  /** `between`: among elements, where MJML would drop it; `before` and `after` the whole mail. */
  readonly kind: 'attribute' | 'content' | 'between' | 'before' | 'after';
  /** In `mj-body`, where MJML keeps the order of what is shown. */
  readonly inBody: boolean;
  /** The element that has it; that it stands among the children of, for `between`. */
  readonly element: string;
  readonly attribute: Attribute | null;
};

export type Attribute = {
  readonly name: string;
  readonly value: string;
  /** Place of the value in the disguised text. */
  readonly begin: number;
  readonly end: number;
};

/** A part of the disguised text. */
type Span = { readonly begin: number; readonly end: number };

type Given = {
  readonly name: string;
  readonly tokens: readonly LiquidToken[];
  readonly disguised: Disguised;
  readonly vocabulary: Vocabulary;
};

// A newsletter has some hundreds of elements, ten deep. MJML takes about 1 ms for each and calls itself for each level.
const mostElements = 5_000;
const deepest = 50;

/** Reads the disguised MJML as MJML's own parser does, and says where the Liquid stands; what MJML would drop or misread is an AppError. */
export function survey(given: Given): readonly Chunk[] {
  const walk = new Walk(given);
  const { text } = given.disguised;
  const parser: Parser = new Parser(
    {
      onattribute: (name, value) => walk.attribute(name, value, spanOf(parser)),
      onopentag: (name, attributes) => walk.open(name, attributes, spanOf(parser)),
      onclosetag: (name, implied) => {
        const span = spanOf(parser);
        const closed = !implied || text.slice(span.begin, span.end).endsWith('/>');
        walk.close(name, span, closed);
      },
      ontext: () => walk.text(spanOf(parser)),
      oncomment: () => walk.comment(spanOf(parser)),
    },
    // As mjml-parser-xml sets them.
    {
      recognizeCDATA: true,
      decodeEntities: false,
      recognizeSelfClosing: true,
      lowerCaseAttributeNames: false,
    },
  );
  parser.write(text);
  parser.end();
  return walk.finish();
}

function spanOf({ startIndex, endIndex }: Parser): Span {
  return { begin: startIndex, end: endIndex + 1 };
}

/** What stands open while the source is read from its beginning to its end. */
class Walk {
  readonly #given: Given;
  readonly #chunks: Chunk[] = [];
  readonly #open: Element[] = [];
  readonly #seen = new Set<string>();
  #attributes: Attribute[] = [];
  #elements = 0;
  /** Elements open within one that keeps its content; those are nobody's business but the reader's. */
  #within = 0;
  #contentBegin = 0;
  #inlined = false;

  constructor(given: Given) {
    this.#given = given;
  }

  attribute(name: string, value: string, at: Span): void {
    if (this.#within > 0 || !this.#given.disguised.hasWord(value)) return;
    const begin = this.#given.disguised.text.indexOf(value, at.begin + name.length);
    this.#attributes.push({ name, value, begin, end: begin + value.length });
  }

  open(element: string, attributes: Readonly<Record<string, string>>, { begin, end }: Span): void {
    const { disguised, vocabulary } = this.#given;
    if (this.#within > 0) {
      // As mjml-parser-xml counts: only elements that keep their content, so that `<br>` does not matter.
      if (vocabulary.keepsContent(element)) this.#within += 1;
      return;
    }
    const line = disguised.lineOf(begin);
    this.#check(element, line);
    this.#seen.add(element);
    this.#open.push({ name: element, line });
    for (const attribute of this.#attributes) {
      // Of two attributes with one name the parser keeps the first.
      if (attributes[attribute.name] !== attribute.value) continue;
      this.#add({ tokens: disguised.tokensIn(attribute.value), kind: 'attribute', attribute });
    }
    this.#attributes = [];
    this.#inlined = element === 'mj-style' && attributes['inline'] === 'inline';
    if (!vocabulary.keepsContent(element)) return;
    this.#within = 1;
    this.#contentBegin = end;
  }

  close(element: string, { begin }: Span, closed: boolean): void {
    if (this.#within > 0) {
      if (!this.#given.vocabulary.keepsContent(element)) return;
      this.#within -= 1;
      if (this.#within > 0) return;
      this.#content({ begin: this.#contentBegin, end: begin });
    }
    const opened = this.#open.pop();
    if (opened === undefined || closed) return;
    throw this.#wrong(opened.line, {
      ja: `<${element}> が閉じられていません`,
      en: `<${element}> is not closed`,
    });
  }

  text({ begin, end }: Span): void {
    if (this.#within > 0) return;
    const { disguised, name, tokens, vocabulary } = this.#given;
    const text = disguised.text.slice(begin, end);
    for (const [index, part] of disguised.split(text).entries()) {
      if (index % 2 === 1) {
        const token = tokens[Number(part)];
        if (token === undefined) throw new Error('a word without its token');
        const kind = betweenRule({ name, token, open: this.#open, seen: this.#seen }, vocabulary);
        this.#add({ tokens: [Number(part)], kind, attribute: null });
      } else if (part.trim() !== '') {
        const lost = part.trim();
        throw this.#wrong(disguised.lineOf(begin + text.indexOf(lost)), {
          ja: `MJML は要素の間の文字を捨てます: ${shown(lost)}（<mj-text> か <mj-raw> に入れてください）`,
          en: `MJML drops text between elements: ${shown(lost)} (put it into <mj-text> or <mj-raw>)`,
        });
      }
    }
  }

  comment({ begin, end }: Span): void {
    if (this.#within > 0) return;
    const tokens = this.#given.disguised.tokensIn(this.#given.disguised.text.slice(begin, end));
    if (tokens.length > 0) this.#add({ tokens, kind: 'content', attribute: null });
  }

  /** What MJML takes as it is. */
  #content({ begin, end }: Span): void {
    const { disguised } = this.#given;
    const text = disguised.text.slice(begin, Math.max(begin, end));
    const nested = /<mj-[a-z-]+/i.exec(
      text.replaceAll(/<!--.*?-->/gs, (comment) => ' '.repeat(comment.length)),
    );
    if (nested !== null) {
      const within = this.#open.at(-1)?.name ?? '';
      throw this.#wrong(disguised.lineOf(begin + nested.index), {
        ja: `<${within}> の中の ${nested[0]}> は MJML として処理されません`,
        en: `${nested[0]}> inside <${within}> is not read as MJML`,
      });
    }
    const tokens = disguised.tokensIn(text);
    if (tokens.length === 0) return;
    // Inlined rules are taken apart, so each piece stands for itself.
    const parts = this.#inlined ? tokens.map((token) => [token]) : [tokens];
    for (const part of parts) this.#add({ tokens: part, kind: 'content', attribute: null });
  }

  finish(): readonly Chunk[] {
    if (!this.#seen.has('mjml') || !this.#seen.has('mj-body'))
      throw this.#wrong(1, { ja: '<mjml> か <mj-body> がありません', en: 'there is no <mjml> or <mj-body>' });
    return this.#chunks;
  }

  #add(chunk: Omit<Chunk, 'inBody' | 'element'>): void {
    const element = this.#open.at(-1)?.name ?? '';
    const inBody = this.#open.some(({ name }) => name === 'mj-body');
    this.#chunks.push({ ...chunk, element, inBody });
  }

  #check(element: string, line: number): void {
    const token = this.#given.tokens[this.#given.disguised.tokensIn(element)[0] ?? -1];
    if (token !== undefined) throw misplaced(this.#given.name, token);
    this.#elements += 1;
    if (this.#elements > mostElements || this.#open.length >= deepest)
      throw this.#wrong(line, {
        ja: `要素が多すぎるか、入れ子が深すぎます（上限 ${mostElements} 個、${deepest} 段）`,
        en: `too many elements, or too deep (at most ${mostElements}, ${deepest} deep)`,
      });
    if (element === 'mj-include')
      throw this.#wrong(line, {
        ja: '<mj-include> は使えません。内容をこのファイルに書いてください',
        en: '<mj-include> is not available; put its content into this file',
      });
    const root = this.#open.length === 0;
    const twice = ['mjml', 'mj-head', 'mj-body'].includes(element) && this.#seen.has(element);
    if (twice || root !== (element === 'mjml'))
      throw this.#wrong(line, {
        ja: `<${element}> がここにあってはいけません（<mjml> の中に <mj-head> と <mj-body> が 1 つずつ）`,
        en: `<${element}> is out of place (<mjml> holds one <mj-head> and one <mj-body>)`,
      });
    if (!this.#given.vocabulary.isKnown(element))
      throw this.#wrong(line, {
        ja: `<${element}> という要素は MJML にありません`,
        en: `MJML has no element <${element}>`,
      });
  }

  #wrong(line: number, what: { readonly ja: string; readonly en: string }): Error {
    return mjmlError({ name: this.#given.name, line }, what);
  }
}
