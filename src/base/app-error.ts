import type { Bilingual, Language } from './language.ts';

/** What an `AppError` is made of. */
export type AppErrorFacts = {
  /** Stable kebab-case name, listed in docs/errors.md: `config-unknown-key`. */
  readonly code: string;
  /** What happened, one line, naming file, line or value. */
  readonly message: Bilingual;
  /** What to do next, one line. */
  readonly hint?: Bilingual;
  /** 1: the answer is "bad"; 2: usage or configuration (design.md §6); 130: ended by Ctrl-C. Default 2. */
  readonly exitCode?: 1 | 2 | 130;
  readonly cause?: unknown;
};

/** An error meant for a person: stops a command with one clear line, never a stack. Bugs throw anything else. */
export class AppError extends Error {
  readonly code: string;
  readonly text: Bilingual;
  readonly hint: Bilingual | undefined;
  readonly exitCode: 1 | 2 | 130;

  constructor(facts: AppErrorFacts) {
    super(facts.message.en, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'AppError';
    this.code = facts.code;
    this.text = facts.message;
    this.hint = facts.hint;
    this.exitCode = facts.exitCode ?? 2;
  }

  /** The one line that is shown: what happened, then what to do. */
  line(language: Language): string {
    const hint = this.hint === undefined ? '' : ` — ${this.hint[language]}`;
    return `${this.text[language]}${hint}`;
  }
}
