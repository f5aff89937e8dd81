import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.ts';

describe('nearest', () => {
  it.each([
    ['hostnam', ['port', 'hostname'], 'hostname'],
    ['prot', ['port', 'host'], 'port'],
    ['TIMEOUT', ['timeout'], 'timeout'],
    ['opportunist', ['none', 'opportunistic', 'required'], 'opportunistic'],
    ['connexionsPerPath', ['connectionsPerPath', 'connectionsPerHost'], 'connectionsPerPath'],
  ])('%s → %s', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  it('names nothing when nothing is near', () => {
    expect(nearest('banana', ['port', 'hostname'])).toBeNull();
    expect(nearest('', ['port'])).toBeNull();
    expect(nearest('port', [])).toBeNull();
  });

  it('stays quick on a very long word', () => {
    expect(nearest('x'.repeat(1_000_000), ['port'])).toBeNull();
  });
});
