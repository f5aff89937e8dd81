import { afterEach, describe, expect, it, vi } from 'vitest';
import { requirePeer } from './peer.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('requirePeer', () => {
  it('finds a command on PATH and a file by its path', () => {
    expect(requirePeer('sh')).toBe(true);
    expect(requirePeer('/bin/sh')).toBe(true);
  });

  it('says loudly at a desk that a peer is missing', () => {
    vi.stubEnv('CI', '');
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    expect(requirePeer('no-such-peer')).toBe(false);
    expect(warn.mock.calls[0]?.[0]).toMatch(/^SKIPPED, peer not found: no-such-peer \(.*install-peers\.sh/);
  });

  it('fails in CI', () => {
    vi.stubEnv('CI', 'true');
    expect(() => requirePeer('/no/such/file')).toThrow(/peer not found/);
  });
});
