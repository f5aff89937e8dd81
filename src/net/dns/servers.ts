import type { Clock } from '../../base/index.ts';
import type { DnsServer } from './server-address.ts';

// Long enough that a dead server does not delay every question, short enough that a restarted one is soon back.
const avoidMs = 30_000;

/** In which order the servers are asked: in turn, those that lately did not answer last. */
export class ServerRing {
  readonly #servers: readonly DnsServer[];
  readonly #clock: Clock;
  readonly #avoidUntilMs = new Map<DnsServer, number>();
  #turn = 0;

  constructor(servers: readonly DnsServer[], clock: Clock) {
    this.#servers = servers;
    this.#clock = clock;
  }

  /** All servers once, best first. */
  order(): readonly DnsServer[] {
    const first = this.#turn++ % this.#servers.length;
    const turned = [...this.#servers.slice(first), ...this.#servers.slice(0, first)];
    const nowMs = this.#clock.monotonic();
    const avoided = (server: DnsServer): boolean => (this.#avoidUntilMs.get(server) ?? 0) > nowMs;
    return [...turned.filter((server) => !avoided(server)), ...turned.filter(avoided)];
  }

  silent(server: DnsServer): void {
    this.#avoidUntilMs.set(server, this.#clock.monotonic() + avoidMs);
  }

  answered(server: DnsServer): void {
    this.#avoidUntilMs.delete(server);
  }
}
