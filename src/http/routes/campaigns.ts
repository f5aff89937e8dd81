import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { allowsDomain } from '../../access/index.ts';
import type { AccessKey } from '../../access/index.ts';
import { contentCheck, prepareCampaign } from '../../campaigns/index.ts';
import type {
  Campaign,
  CampaignDraft,
  CampaignStore,
  DraftStore,
  LedgerRow,
  Prepared,
  RecipientSource,
} from '../../campaigns/index.ts';
import { asProblem, compiledOrProblem, makeDraft } from '../campaign-content.ts';
import type { CampaignMaking } from '../campaign-content.ts';
import { listedRecipients, saveUpload, uploadedRecipients } from '../campaign-recipients.ts';
import type { ListSummary } from '../campaign-recipients.ts';
import {
  campaign as campaignSchema,
  campaignPage,
  campaignQuery,
  newCampaign,
  recipientsAnswer,
  recipientsQuery,
} from '../contract/campaign.ts';
import { answer } from '../endpoint.ts';
import type { Answer, Api, Call } from '../endpoint.ts';
import { fieldProblem, problem } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { tooLarge, wrongType } from '../reading.ts';

/** What is done to campaigns that run. */
export interface CampaignControl {
  isHeld(campaignId: number): boolean;
  /** Nothing more of it is begun until `release`. */
  hold(campaignId: number, by: string): void;
  release(campaignId: number, by: string): void;
  /** It was opened: the engine takes it up. */
  opened(campaignId: number): void;
}

export type CampaignParts = CampaignMaking & {
  readonly campaigns: CampaignStore;
  readonly drafts: DraftStore;
  readonly control: CampaignControl;
  /** Counts its messages; null: there is none. */
  readonly progress: (campaignId: number) => LedgerRow | null;
  readonly uploads: { readonly folder: string; readonly limitBytes: number };
};

const group = 'campaigns';
const common = { scope: 'campaigns', group } as const;

/** One content to many recipients: make, fill, start, pause, cancel, watch. */
export function campaignRoutes(api: Api, parts: CampaignParts): void {
  making(api, parts);
  looking(api, parts);
  steering(api, parts);
}

function making(api: Api, parts: CampaignParts): void {
  api.endpoint(
    {
      ...common,
      method: 'post',
      path: '/v1/campaigns',
      summary: {
        ja: 'キャンペーンを作る（宛先は recipients か、あとから CSV で）',
        en: 'make a campaign; recipients with it, or as CSV afterwards',
      },
      body: newCampaign,
      answers: { 201: campaignSchema },
    },
    async ({ key, body }) => {
      const { recipients, start = false } = body;
      if (recipients === undefined && start)
        return fieldProblem('start', { ja: '宛先がまだありません', en: 'there are no recipients yet' });
      const draft = makeDraft(body, key, parts);
      if ('kind' in draft) return draft;
      const location = { location: `/v1/campaigns/${draft.campaign.name}` };
      if (recipients === undefined) {
        parts.drafts.add(draft);
        return answer(201, draftJson(draft), location);
      }
      const source = listedRecipients(recipients);
      if (typeof source !== 'function') return source;
      const taken = await take(parts, draft, { source, start, by: key.id });
      if ('kind' in taken) return taken;
      return answer(201, campaignJson(parts, taken.campaign, { counted: true }), location);
    },
  );
  const filling = new Set<string>();
  api.endpoint(
    {
      ...common,
      method: 'put',
      path: '/v1/campaigns/{id}/recipients',
      summary: { ja: '下書きに宛先の CSV を入れる', en: 'upload the CSV of recipients of a draft' },
      stream: 'text/csv',
      query: recipientsQuery,
      answers: { 200: recipientsAnswer },
    },
    async (call) => {
      const draft = visibleDraft(parts, call);
      if (draft === null) return visible(parts, call) === null ? problem('not-found') : alreadyFilled();
      const { name } = draft.campaign;
      if (filling.has(name)) return alreadyFilled();
      filling.add(name);
      try {
        return await fill(parts, draft, call);
      } finally {
        filling.delete(name);
      }
    },
  );
}

function alreadyFilled(): Problem {
  return problem('conflict', {
    detail: { ja: '宛先はすでに入っています', en: 'it has its recipients already' },
    cure: {
      ja: '別の宛先には新しいキャンペーンを作ってください',
      en: 'make a new campaign for other recipients',
    },
  });
}

type Filling = Pick<
  Call<undefined, { readonly start?: 'true' | 'false' | undefined }>,
  'key' | 'query' | 'context' | 'header' | 'language'
>;

async function fill(parts: CampaignParts, draft: CampaignDraft, call: Filling): Promise<Answer | Problem> {
  const { folder, limitBytes } = parts.uploads;
  if (!/^text\/csv\s*(?:;|$)/i.test(call.header('content-type') ?? '')) return wrongType('text/csv');
  const file = join(folder, `${draft.campaign.name}.csv`);
  // A file of a process that was killed.
  await rm(file, { force: true });
  const source = { incoming: call.context.env?.incoming, request: call.context.req.raw };
  const failure = await saveUpload(source, { file, limitBytes });
  if (failure === 'too-large') return tooLarge(limitBytes);
  if (failure === 'cut-off') return problem('timeout');
  try {
    const start = call.query.start === 'true';
    const taken = await take(parts, draft, {
      source: uploadedRecipients(file),
      start,
      by: call.key.id,
      file,
    });
    if ('kind' in taken) return taken;
    parts.drafts.remove(draft.campaign.name);
    const { campaign, accepted, suppressed, summary } = taken;
    const rejectedRows = summary.rejectedRows.map(({ line, code, reason }) => ({
      line,
      code,
      reason: reason[call.language],
    }));
    const { rejected, duplicates } = summary;
    const state = start ? 'running' : 'paused';
    return answer(200, {
      id: campaign.name,
      state,
      accepted,
      suppressed,
      rejected,
      duplicates,
      rejectedRows,
    });
  } finally {
    await rm(file, { force: true });
  }
}

type Taking = {
  readonly source: RecipientSource<ListSummary>;
  readonly start: boolean;
  readonly by: string;
  readonly file?: string;
};

type Taken = Prepared<ListSummary>;

/** Stores it with its recipients and opens it; held from before it opens, unless it is to start. */
async function take(
  parts: CampaignParts,
  draft: CampaignDraft,
  { source, start, by, file }: Taking,
): Promise<Taken | Problem> {
  const { campaigns, control, clock } = parts;
  const compiled = compiledOrProblem(draft.campaign.content);
  if ('kind' in compiled) return compiled;
  const store = {
    create: (campaign: CampaignDraft['campaign']) => campaigns.create(campaign),
    addRecipients: (id: number, batch: Parameters<CampaignStore['addRecipients']>[1]) =>
      campaigns.addRecipients(id, batch),
    discard: (id: number) => campaigns.discard(id),
    open(id: number) {
      if (!start) control.hold(id, by);
      campaigns.open(id);
    },
  };
  try {
    const check = contentCheck(compiled, clock.now());
    const prepared = await prepareCampaign({ openStore: () => store, source, check }, draft.campaign);
    control.opened(prepared.campaign.id);
    return prepared;
  } catch (error) {
    return asProblem(error, file);
  }
}

function looking(api: Api, parts: CampaignParts): void {
  api.endpoint(
    {
      ...common,
      method: 'get',
      path: '/v1/campaigns',
      summary: { ja: 'キャンペーンを新しい順に一覧する', en: 'list campaigns, newest first' },
      query: campaignQuery,
      answers: { 200: campaignPage },
    },
    ({ key, query: { limit, cursor } }) => {
      if (cursor !== undefined && !/^c-[0-9a-z-]{1,30}$/.test(cursor)) return problem('bad-cursor');
      const drafts = parts.drafts.list().map((draft) => ({ ...draft.campaign, draft }));
      const stored = (['open', 'finished', 'cancelled'] as const)
        .flatMap((state) => parts.campaigns.withState(state))
        .filter(isCampaign)
        .map((campaign) => ({ ...campaign, draft: null, campaign }));
      const page = [...drafts, ...stored]
        .filter(({ name, domain }) => maySee(parts, key, domain) && (cursor === undefined || name < cursor))
        .toSorted((a, b) => (a.name < b.name ? 1 : -1))
        .slice(0, limit + 1);
      const data = page
        .slice(0, limit)
        .map((each) =>
          each.draft === null
            ? campaignJson(parts, each.campaign, { counted: false })
            : draftJson(each.draft),
        );
      return answer(200, { data, next: page.length > limit ? (page[limit - 1]?.name ?? null) : null });
    },
  );
  api.endpoint(
    {
      ...common,
      method: 'get',
      path: '/v1/campaigns/{id}',
      summary: { ja: 'キャンペーンの今と進み具合', en: 'a campaign, and how far it is' },
      answers: { 200: campaignSchema },
    },
    (call) => {
      const draft = visibleDraft(parts, call);
      if (draft !== null) return answer(200, draftJson(draft));
      const found = visible(parts, call);
      return found === null
        ? problem('not-found')
        : answer(200, campaignJson(parts, found, { counted: true }));
    },
  );
}

const steps = {
  start: { ja: '送信を始める', en: 'start it' },
  pause: { ja: '一時停止する', en: 'pause it' },
  resume: { ja: '一時停止から再開する', en: 'go on after a pause' },
  cancel: { ja: 'まだ送っていない分を取り消す', en: 'cancel what was not sent yet' },
} as const;

function steering(api: Api, parts: CampaignParts): void {
  const { control, campaigns, clock } = parts;
  for (const step of ['start', 'pause', 'resume', 'cancel'] as const) {
    api.endpoint(
      {
        ...common,
        method: 'post',
        path: `/v1/campaigns/{id}/${step}`,
        summary: steps[step],
        answers: { 200: campaignSchema },
      },
      (call) => {
        const draft = visibleDraft(parts, call);
        if (draft !== null) return ofDraft(parts, draft, step);
        const found = visible(parts, call);
        if (found === null) return problem('not-found');
        if (found.state !== 'open') return wrongState(found.state);
        const isHeld = control.isHeld(found.id);
        if (step === 'cancel') campaigns.cancel(found.id, clock.now());
        else if (step === 'pause' && !isHeld) control.hold(found.id, call.key.id);
        else if (step !== 'pause' && isHeld) control.release(found.id, call.key.id);
        const now = campaigns.byId(found.id) ?? found;
        return answer(200, campaignJson(parts, now, { counted: true }));
      },
    );
  }
}

function ofDraft(parts: CampaignParts, draft: CampaignDraft, step: keyof typeof steps): Answer | Problem {
  if (step !== 'cancel')
    return problem('conflict', {
      detail: { ja: '宛先がまだありません', en: 'it has no recipients yet' },
      cure: {
        ja: 'PUT /v1/campaigns/{id}/recipients で CSV を送ってください',
        en: 'upload them: PUT /v1/campaigns/{id}/recipients',
      },
    });
  parts.drafts.remove(draft.campaign.name);
  return answer(200, { ...draftJson(draft), state: 'cancelled' });
}

function wrongState(state: string): Problem {
  return problem('conflict', { detail: { ja: `状態: ${state}`, en: `it is ${state}` } });
}

type Asking = Pick<Call<unknown, unknown>, 'key' | 'param'>;

function visible(parts: CampaignParts, { key, param }: Asking): Campaign | null {
  const found = parts.campaigns.byName(param('id'));
  return found !== null &&
    found.state !== 'preparing' &&
    isCampaign(found) &&
    maySee(parts, key, found.domain)
    ? found
    : null;
}

function visibleDraft(parts: CampaignParts, { key, param }: Asking): CampaignDraft | null {
  const found = parts.drafts.find(param('id'));
  return found !== null && maySee(parts, key, found.campaign.domain) ? found : null;
}

/** A campaign's domain is that of its From; a key's domains are those that sign. */
function maySee({ senderOf }: CampaignParts, key: AccessKey, domain: string): boolean {
  return key.domains === null || allowsDomain(key, senderOf(domain)?.name ?? domain);
}

/** Single mails are kept in the ledger as campaigns of a day, without content. */
function isCampaign({ content }: Pick<Campaign, 'content'>): boolean {
  return content.html !== null || content.text !== null;
}

function campaignJson(
  parts: CampaignParts,
  campaign: Campaign,
  { counted }: { readonly counted: boolean },
): object {
  const { id, state } = campaign;
  const running = parts.control.isHeld(id) ? 'paused' : 'running';
  const progress = counted ? parts.progress(id) : null;
  return {
    ...factsOf(campaign),
    state: state === 'open' ? running : state,
    progress: progress === null ? null : countsOf(progress),
  };
}

function countsOf({
  accepted,
  delivered,
  bounced,
  suppressed,
  expired,
  cancelled,
  waiting,
}: LedgerRow): object {
  return { accepted, delivered, bounced, suppressed, expired, cancelled, waiting };
}

function draftJson({ campaign }: CampaignDraft): object {
  return { ...factsOf(campaign), state: 'draft', progress: null };
}

function factsOf({
  name,
  content,
  domain,
  list,
  window,
  timezone,
  createdMs,
}: CampaignDraft['campaign']): object {
  return {
    id: name,
    from: content.from,
    subject: content.subject,
    domain,
    list: list ?? null,
    window: window ?? null,
    timezone: timezone ?? null,
    createdAt: new Date(createdMs).toISOString(),
  };
}
