import { AppError, nearest } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { placeText, shortText, shownValue } from './raw-value.ts';
import type { RawEntry, RawMap, RawValue } from './raw-value.ts';
import { keys } from './schema.ts';
import type { Written } from './written-values.ts';

const keyNames = new Set(keys.map((key) => key.name));

/** What may stand directly under each section: '' → dns, delivery, …; delivery → routes, hostname, … */
const children: ReadonlyMap<string, ReadonlySet<string>> = collectChildren();

function collectChildren(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const name of keyNames) {
    const steps = name.split('.');
    for (const [depth, step] of steps.entries()) {
      const section = steps.slice(0, depth).join('.');
      found.set(section, (found.get(section) ?? new Set<string>()).add(step));
    }
  }
  return found;
}

// Enough to mend in one go; a file of another program has a mistake on every line, each with a search for what was meant.
const mostErrors = 100;

/** Walks the file's sections down to the keys of the schema. */
export function readSections(root: RawValue): Written {
  const values = new Map<string, RawValue>();
  const errors: AppError[] = [];
  walk(root, { section: '', values, errors });
  return { values, errors };
}

type Walk = { readonly section: string; readonly values: Map<string, RawValue>; readonly errors: AppError[] };

function walk(raw: RawValue, state: Walk): void {
  if (raw.kind !== 'map') {
    state.errors.push(notASection(raw, state.section));
    return;
  }
  for (const entry of raw.entries.values()) {
    if (state.errors.length >= mostErrors) return;
    const name = state.section === '' ? entry.key : `${state.section}.${entry.key}`;
    const isChild = children.get(state.section)?.has(entry.key) === true;
    if (!isChild) state.errors.push(unknownKey(entry, { section: state.section, name }));
    else if (keyNames.has(name)) state.values.set(name, withKeyPlace(entry));
    // A section whose keys are all commented out is an empty one.
    else if (entry.value.kind !== 'scalar' || entry.value.value !== null) {
      walk(entry.value, { ...state, section: name });
    }
  }
}

/** A list begins a line below its key, but people look for the key. */
function withKeyPlace(entry: RawEntry): RawValue {
  return { ...entry.value, place: entry.place };
}

function notASection(raw: Exclude<RawValue, RawMap>, section: string): AppError {
  const at = placeText(raw.place);
  const first = [...(children.get(section) ?? [])][0] ?? '';
  const example = section === '' ? `${first}:` : `${section}: { ${first}: … }`;
  const what: Bilingual =
    section === '' ? { ja: '設定ファイル', en: 'the configuration' } : { ja: `${section} `, en: section };
  return new AppError({
    code: 'config-not-a-section',
    message: {
      ja: `${at}: ${what.ja}には「名前: 値」の行が要ります（今の値: ${shownValue(raw)}）`,
      en: `${at}: ${what.en} must hold “name: value” lines, not “${shownValue(raw)}”`,
    },
    hint: { ja: `例: ${example}`, en: `for example ${example}` },
  });
}

function unknownKey(entry: RawEntry, at: { readonly section: string; readonly name: string }): AppError {
  const [place, name] = [placeText(entry.place), shortText(at.name)];
  return new AppError({
    code: 'config-unknown-key',
    message: { ja: `${place}: ${name} という設定はありません`, en: `${place}: unknown key ${name}` },
    hint: suggestion(entry.key, at),
  });
}

function suggestion(word: string, at: { readonly section: string; readonly name: string }): Bilingual {
  if (keyNames.has(at.name)) {
    return nestedForm(at.name);
  }
  const siblings = [...(children.get(at.section) ?? [])];
  const sibling = nearest(word, siblings);
  const prefix = at.section === '' ? '' : `${at.section}.`;
  const near = sibling === null ? elsewhere(word, at.name) : `${prefix}${sibling}`;
  if (near !== null) return { ja: `${near} のことですか`, en: `did you mean ${near}?` };
  const list = siblings.map((name) => `${prefix}${name}`).join(', ');
  return { ja: `ここに書ける設定: ${list}`, en: `the keys here are ${list}` };
}

/** `hostname` at the top of the file means `delivery.hostname`. */
function elsewhere(word: string, name: string): string | null {
  const lastStep = (key: string): string => key.slice(key.lastIndexOf('.') + 1);
  const sameName = [...keyNames].find((key) => lastStep(key).toLowerCase() === word.toLowerCase());
  return sameName ?? nearest(name, keyNames);
}

/** `dns.timeout` → `dns: { timeout: … }` */
function nestedForm(name: string): Bilingual {
  const [last = '', ...outer] = name.split('.').toReversed();
  const nested = outer.reduce((inner, step) => `${step}: { ${inner} }`, `${last}: …`);
  return { ja: `点でつながず、入れ子にします: ${nested}`, en: `write it nested: ${nested}` };
}
