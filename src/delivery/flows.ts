import type { Flow } from './flow.ts';
import type { OpenCampaign } from './ports.ts';
import { windowOf } from './sending-hours.ts';
import type { SendingHours } from './sending-hours.ts';
import { sendingWindowText, windowState } from './sending-window.ts';
import type { LocalWindow, WindowState } from './sending-window.ts';

/** A flow at a time: open, or closed until its window opens. */
export type FlowState = { readonly flow: Flow; readonly opensMs: number | null };

type Windowed = { readonly window: LocalWindow; flow: Flow; state: WindowState; sinceMs: number };

/** The flows of a run. Which one a message belongs to costs two look-ups; windows are computed when they turn. */
export class Flows {
  readonly #hours: SendingHours;
  readonly #plain = new Map<number, Flow>();
  readonly #windowed = new Map<string, Windowed>();

  constructor(hours: SendingHours) {
    this.#hours = hours;
  }

  /** The flow of a message that was read from the store. */
  flowOf(
    campaign: OpenCampaign,
    recipient: { readonly timezone: string | null; readonly domain: string },
  ): Flow {
    const canHaveWindow = campaign.window !== null || this.#hours.protectedHours !== null;
    const window = canHaveWindow ? windowOf(campaign, recipient, this.#hours) : null;
    const { id: campaignId, stream } = campaign;
    if (window === null) {
      const known = this.#plain.get(campaignId);
      if (known !== undefined) return known;
      const flow = { campaignId, stream, window: '', closesMs: Infinity };
      this.#plain.set(campaignId, flow);
      return flow;
    }
    const name = `${sendingWindowText(window)} ${window.timezone}`;
    const key = `${campaignId} ${name}`;
    const known = this.#windowed.get(key);
    if (known !== undefined) return known.flow;
    const flow = { campaignId, stream, window: name, closesMs: 0 };
    this.#windowed.set(key, { window, flow, state: { isOpen: false, untilMs: 0 }, sinceMs: 0 });
    return flow;
  }

  /** The flow as it is now: with the present end of its window, or closed. */
  at(flow: Flow, nowMs: number): FlowState {
    if (flow.window === '') return { flow: this.#plain.get(flow.campaignId) ?? flow, opensMs: null };
    const windowed = this.#windowed.get(`${flow.campaignId} ${flow.window}`);
    if (windowed === undefined) throw new Error(`no flow ${flow.campaignId} ${flow.window}`);
    // A clock that was set back is read anew as well.
    if (nowMs >= windowed.state.untilMs || nowMs < windowed.sinceMs) turn(windowed, nowMs);
    const { state } = windowed;
    return { flow: windowed.flow, opensMs: state.isOpen ? null : state.untilMs };
  }
}

function turn(windowed: Windowed, nowMs: number): void {
  windowed.state = windowState(windowed.window, nowMs);
  windowed.sinceMs = nowMs;
  const { isOpen, untilMs } = windowed.state;
  windowed.flow = { ...windowed.flow, closesMs: isOpen ? untilMs : nowMs };
}
