import type { AccessKey } from '../access/index.ts';
import type { CompiledMailTexts, MailTexts } from '../compose/index.ts';
import { compileTemplateTexts } from '../templates/index.ts';
import type { Template, TemplateStore } from '../templates/index.ts';
import type { MessageRequest } from './contract/message.ts';
import { fieldProblem } from './problem.ts';
import type { Problem } from './problem.ts';

/** Stored templates, compiled once for each version. */
export interface TemplateTexts {
  /** null: there is none that this key may use. */
  find(name: string, key: AccessKey): CompiledMailTexts | null;
}

// Each holds some 100 KB.
const mostCompiled = 500;

export function createTemplateTexts(store: Pick<TemplateStore, 'find'>): TemplateTexts {
  const compiled = new Map<string, { readonly version: string; readonly texts: CompiledMailTexts }>();
  return {
    find(name, key) {
      const template = store.find(name);
      if (template === null || !maySee(key, template)) return null;
      // A template may be removed and made anew with the same number.
      const version = `${template.createdMs}/${template.version}`;
      const known = compiled.get(name);
      if (known?.version === version) return known.texts;
      if (compiled.size >= mostCompiled) compiled.clear();
      const texts = compileTemplateTexts(template);
      compiled.set(name, { version, texts });
      return texts;
    },
  };
}

/** Everybody's templates, and those of the key's domains. */
export function maySee(key: AccessKey, { domain }: Pick<Template, 'domain'>): boolean {
  return domain === null || key.domains === null || key.domains.includes(domain);
}

type Rendering = {
  readonly key: AccessKey;
  readonly templates: TemplateTexts;
  readonly address: string;
  readonly nowMs: number;
};

/** Subject and bodies: as given, or out of a stored template. */
export function textsOf(request: MessageRequest, rendering: Rendering): MailTexts | Problem {
  const { subject, html, text, template } = request;
  if (template !== undefined) return fromTemplate(request, template, rendering);
  if (request.data !== undefined)
    return fieldProblem('data', { ja: 'template と一緒に使います', en: 'goes with a template only' });
  if (subject === undefined) return fieldProblem('subject', { ja: '必要です', en: 'is missing' });
  if (html === undefined && text === undefined)
    return fieldProblem('text', {
      ja: 'html、text、template のどれかが必要です',
      en: 'one of html, text and template is needed',
    });
  return { subject, html: html ?? null, text: text ?? null };
}

function fromTemplate(request: MessageRequest, name: string, rendering: Rendering): MailTexts | Problem {
  if (request.html !== undefined || request.text !== undefined)
    return fieldProblem('template', {
      ja: 'html や text と一緒には使えません',
      en: 'does not go together with html or text',
    });
  const texts = rendering.templates.find(name, rendering.key);
  if (texts === null)
    return fieldProblem(
      'template',
      { ja: 'その名前のテンプレートはありません', en: 'there is no template of that name' },
      { ja: 'GET /v1/templates で名前を確かめてください', en: 'GET /v1/templates lists them' },
    );
  const made = texts.render(request.data ?? {}, { address: rendering.address, dateMs: rendering.nowMs });
  if ('failure' in made) {
    const detail = made.text ?? { ja: made.failure, en: made.failure };
    return fieldProblem(made.variable === undefined ? 'data' : `data/${made.variable}`, detail);
  }
  return request.subject === undefined ? made : { ...made, subject: request.subject };
}
