import { spawnSync } from 'node:child_process';
import type { SpawnSyncReturns } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readTree, root } from './support/source-tree.ts';

const pages = readTree('*.md', 'docs/**/*.md', '{src,simulator,knowledge,bench,test}/**/README.md');
const english = pages.get('README.md') ?? '';
const japanese = pages.get('README.ja.md') ?? '';

type Block = { readonly language: string; readonly text: string };

function codeBlocks(markdown: string): readonly Block[] {
  return [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** All that follows `start` as a word, in code blocks and in the running text. */
function wordsAfter(start: RegExp, texts: Iterable<string>): readonly string[] {
  const found = [...texts].flatMap((text) => [...text.matchAll(start)].map((match) => match[1] ?? ''));
  return [...new Set(found)].toSorted();
}

function todoku(folder: string, ...programArguments: readonly string[]): SpawnSyncReturns<string> {
  const program = path.join(root, 'bin/todoku.js');
  return spawnSync(process.execPath, [program, ...programArguments], { cwd: folder, encoding: 'utf8' });
}

const guides = [english, japanese, pages.get('CONTRIBUTING.md') ?? ''];
const commands = wordsAfter(/(?:`|npx )todoku ([a-z]+(?: (?:check|show)\b)?)/g, guides);

test('both READMEs have the same code blocks and the same sections', () => {
  expect(codeBlocks(english).length).toBeGreaterThan(5);
  // What the program prints is in the language of the page; what one types is the same.
  const typed = (page: string): readonly Block[] =>
    codeBlocks(page).filter(({ language }) => language !== 'text');
  expect(typed(japanese)).toEqual(typed(english));
  const sections = (text: string): number => text.match(/^## /gm)?.length ?? 0;
  expect(sections(japanese)).toBe(sections(english));
});

test('every npm script that the pages name exists', () => {
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(manifest);
  const named = wordsAfter(/\bnpm run ([\w:-]+)/g, pages.values());
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

describe('every command that the READMEs and CONTRIBUTING name exists', () => {
  test.each(commands)('todoku %s', (command) => {
    const { status, stdout } = todoku(root, ...command.split(' '), '--help', '--lang', 'en');
    // The help of a command that does not exist is the help of todoku itself.
    expect(stdout).toMatch(new RegExp(`^Usage: todoku ${command}\\b`));
    expect(status).toBe(0);
  });
});

test("the README's configuration is sound", () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'todoku-readme-'));
  try {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(path.join(folder, 'dkim-s1.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), {
      mode: 0o600,
    });
    const yaml = codeBlocks(english).filter(({ language }) => language === 'yaml');
    expect(yaml).toHaveLength(1);
    writeFileSync(path.join(folder, 'todoku.yaml'), yaml[0]?.text ?? '');
    const { status, stderr } = todoku(folder, 'config', 'check');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('every link from one page to another leads to a file', () => {
  const broken = [...pages].flatMap(([page, text]) => {
    const targets = [...text.matchAll(/\]\((?!\w+:)([^)#\s]+)/g)].map((match) => match[1] ?? '');
    return targets
      .filter((target) => !existsSync(path.join(root, path.dirname(page), target)))
      .map((target) => `${page}: ${target}`);
  });
  expect(broken).toEqual([]);
});

test('the pages on the code: all paths that they name exist, and so do the functions and classes', () => {
  const texts = ['docs/life-of-a-message.md', 'ARCHITECTURE.md'].map((page) => pages.get(page) ?? '');
  const named = wordsAfter(/`((?:src|knowledge|simulator|test|docs)\/[\w./-]+)`/g, texts);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((each) => !existsSync(path.join(root, each)))).toEqual([]);
  const sources = [...readTree('src/**/*.ts').values()].join('\n');
  const code = wordsAfter(/\*\*([A-Za-z]+)\*\*/g, texts.slice(0, 1));
  expect(code.length).toBeGreaterThan(10);
  const isThere = (name: string): boolean =>
    new RegExp(`\\b(?:function|class|type|interface|const) ${name}\\b|^  ${name}\\(`, 'm').test(sources);
  expect(code.filter((name) => !isThere(name))).toEqual([]);
});
