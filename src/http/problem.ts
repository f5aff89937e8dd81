import type { Bilingual, Language } from '../base/index.ts';
import { problemFacts } from './problem-facts.ts';
import type { ProblemCode } from './problem-facts.ts';

/** One thing that is wrong with a request, and where: in the body, in the query, or in a header field. */
export type Fault = {
  /** RFC 6901 pointer into the JSON body without its first slash: `to/3`; empty: the body itself. */
  readonly field?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: Bilingual;
  readonly cure?: Bilingual;
};

/** Why a request was not done; a value, mapped to RFC 9457 in one place. */
export type Problem = {
  readonly kind: 'problem';
  readonly code: ProblemCode;
  /** What of this request; left out: the table's title says it all. */
  readonly detail?: Bilingual;
  /** In place of the table's. */
  readonly cure?: Bilingual;
  readonly faults?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
};

export function problem(code: ProblemCode, facts: Omit<Problem, 'kind' | 'code'> = {}): Problem {
  return { kind: 'problem', code, ...facts };
}

/** One value of the body that is wrong. */
export function fieldProblem(field: string, detail: Bilingual, cure?: Bilingual): Problem {
  return problem('invalid-body', { faults: [{ field, detail, ...(cure === undefined ? {} : { cure }) }] });
}

/** One parameter of the query or path that is wrong. */
export function parameterProblem(parameter: string, detail: Bilingual, cure?: Bilingual): Problem {
  return problem('invalid-query', {
    faults: [{ parameter, detail, ...(cure === undefined ? {} : { cure }) }],
  });
}

/** RFC 9457 §3: the members of the object. `code`, `cure` and `errors` are extensions (§3.2). */
export type ProblemDocument = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly cure: string;
  readonly errors?: readonly {
    readonly pointer?: string;
    readonly parameter?: string;
    readonly header?: string;
    readonly detail: string;
    readonly cure?: string;
  }[];
};

/** What is sent for it, in the language of the reader. */
export function problemDocument(found: Problem, language: Language): ProblemDocument {
  const facts = problemFacts[found.code];
  const cure = found.cure ?? facts.cure;
  return {
    // RFC 9457 §3.1.1: a reference that leads to its documentation; relative, since we do not know our public name.
    type: `/docs#${found.code}`,
    title: facts.title[language],
    status: facts.status,
    code: found.code,
    ...(found.detail === undefined ? {} : { detail: found.detail[language] }),
    cure: cure[language],
    ...(found.faults === undefined
      ? {}
      : { errors: found.faults.map((fault) => inLanguage(fault, language)) }),
  };
}

function inLanguage(
  { field, parameter, header, detail, cure }: Fault,
  language: Language,
): NonNullable<ProblemDocument['errors']>[number] {
  return {
    // RFC 6901 §6: as a fragment of the document.
    ...(field === undefined ? {} : { pointer: field === '' ? '#' : `#/${field}` }),
    ...(parameter === undefined ? {} : { parameter }),
    ...(header === undefined ? {} : { header }),
    detail: detail[language],
    ...(cure === undefined ? {} : { cure: cure[language] }),
  };
}

export function problemResponse(found: Problem, language: Language): Response {
  const { status } = problemFacts[found.code];
  return new Response(JSON.stringify(problemDocument(found, language)), {
    status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'content-language': language,
      'cache-control': 'no-store',
      ...found.headers,
    },
  });
}
