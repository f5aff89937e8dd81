import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { makeKey } from '../access/index.ts';
import { AppError } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { contentCheck, newCampaignName, prepareCampaign } from '../campaigns/index.ts';
import type { Campaign } from '../campaigns/index.ts';
import type {
  CheckCommands,
  DeliveryWatch,
  OpenProduct,
  Product,
  ProductSetting,
  SendRequest,
  SendResult,
} from '../cli/index.ts';
import type { Config } from '../config/index.ts';
import { exportSuppressions, importSuppressions } from '../contacts/index.ts';
import { connectControl } from '../control/index.ts';
import type { ControlLine } from '../control/index.ts';
import { createInbox } from '../inbox/index.ts';
import type { RejectedRow } from '../contacts/index.ts';
import type { MessageFacts } from '../delivery/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import { createClassifier, describeReply } from '../replies/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { makeReport } from '../tls/index.ts';
import { checkCommands } from './check-commands.ts';
import type { CheckCommandParts } from './check-commands.ts';
import { readContent } from './content-files.ts';
import { deliver, resultOf } from './delivery-run.ts';
import type { RunParts } from './delivery-run.ts';
import { errorHistory } from './error-history.ts';
import { deliveryReport } from './explanation.ts';
import { liveConfig } from './live-config.ts';
import { followCampaigns } from './followed-campaigns.ts';
import { handOver, pipeToSubmission } from './hand-over.ts';
import type { HandOverParts } from './hand-over.ts';
import { explainPaths, listPaths } from './path-answer.ts';
import type { PathParts } from './path-answer.ts';
import { notArrivedLink } from './not-arrived.ts';
import { mostExamples, recipientsFrom } from './recipients.ts';
import { unsignedText } from './remarks.ts';
import { readReportFiles } from './report-files.ts';
import { readReturnedFiles } from './returned-files.ts';
import { compileFor, sendingDomain, signersOf } from './sender.ts';
import { sendingHours } from './sending-hours.ts';
import { checkSources, listSources } from './source-answer.ts';
import { askAction, doAction, remoteIntake } from './store-actions.ts';
import type { StoreActionAnswer, StoreActionInput, StoreActionName } from './store-actions.ts';
import { liftStops, replayRules, stopsInForce } from './stops.ts';
import { takeIn } from './take-in.ts';
import { reporterOf, sendTlsReports } from './tls-reports.ts';
import { domainOfFrom } from './from-domain.ts';
import { describeTemplate } from './template-description.ts';
import { webhookCommands } from './webhook-actions.ts';
import { answerWhy } from './why-answer.ts';

export type ProductParts = { readonly clock: Clock; readonly random: () => number; readonly version: string };

/** Opens the product: the data folder is opened when a command first asks, for reading or for work as it needs. */
export function createOpenProduct(parts: ProductParts): OpenProduct {
  // The port is asynchronous for stores that are
  return async (setting) => {
    const product = new TodokuProduct(parts, setting);
    return Object.assign(product, checkCommands(product.checkParts()));
  };
}

class TodokuProduct implements Omit<Product, keyof CheckCommands> {
  readonly #parts: ProductParts;
  readonly #setting: ProductSetting;
  #store: Store | null = null;
  /** To the process that serves in the folder; null: not asked for yet, or there is none. */
  #line: ControlLine | null = null;
  #knowledge: Knowledge | null = null;

  constructor(parts: ProductParts, setting: ProductSetting) {
    this.#parts = parts;
    this.#setting = setting;
  }

  /** For the commands that find out why mail does not arrive. */
  checkParts(): CheckCommandParts {
    const { config, dataDirectory } = this.#setting;
    return {
      config,
      clock: this.#parts.clock,
      dataDirectory,
      read: () => this.#read(),
      openStore: (command) => this.#open('read', command, false),
      openIfThere: () => this.#openIfThere(),
    };
  }

  async send(request: SendRequest, watch: DeliveryWatch): Promise<SendResult> {
    const { clock } = this.#parts;
    const { config, language } = this.#setting;
    const content = await readContent(request);
    const line = await this.#serving();
    const domain = request.domain ?? domainOfFrom(content.from);
    if (request.domain !== null && sendingDomain(config, domain) === null)
      throw unknownDomain(config, domain);
    const compiled = compileFor(config, { content, domain });
    const open = (): Store => this.#open('work', 'send', true);
    const createdMs = clock.now();
    const name = newCampaignName(createdMs, this.#parts.random);
    const source = recipientsFrom({ ...request, file: request.recipients, language }, watch);
    const prepared = await prepareCampaign(
      {
        openStore: () => (line === null ? open().campaigns : remoteIntake(line)),
        source,
        check: contentCheck(compiled, createdMs),
      },
      {
        name,
        content,
        domain,
        createdMs,
        ...sendingFacts(request, config),
      },
    );
    if (signersOf(config, domain).length === 0) watch.remark(unsignedText(domain));
    const { rejected: rejectedRows, duplicates } = prepared.summary;
    const campaigns = [prepared.campaign];
    const rest = { rejectedRows, duplicates };
    if (line !== null) {
      const reader = (): Store => this.#open('read', 'send', false);
      return {
        ...(await followCampaigns({ line, reader, clock }, campaigns, request.deliver ? watch : null)),
        ...rest,
      };
    }
    const result = request.deliver
      ? await this.#deliver(campaigns, watch)
      : resultOf(open(), campaigns, { seconds: 0, cpuSeconds: 0, unknown: 0, aborted: false });
    return { ...result, ...rest };
  }

  async resume(watch: DeliveryWatch): ReturnType<Product['resume']> {
    const line = await this.#serving();
    const reader = (): Store => this.#open('read', 'resume', false);
    if (line !== null) {
      // Applications' mail comes and goes for ever: nobody can wait for its end.
      const open = reader()
        .campaigns.withState('open')
        .filter(({ stream }) => stream !== 'transactional');
      return await followCampaigns({ line, reader, clock: this.#parts.clock }, open, watch);
    }
    const store = this.#open('work', 'resume', false);
    return await this.#deliver(store.campaigns.withState('open'), watch);
  }

  async serve(watch: Parameters<Product['serve']>[0]): ReturnType<Product['serve']> {
    // What it needs beside (HTTP, metrics) takes a tenth of a second to load, which `todoku why` need not wait for.
    const { serve } = await import('./serve.ts');
    const { version } = this.#parts;
    return await serve({ ...this.#runParts('serve'), version, language: this.#setting.language }, watch);
  }

  async takeIn(...[request, watch]: Parameters<Product['takeIn']>): ReturnType<Product['takeIn']> {
    return await takeIn(this.#runParts('intake'), request, watch);
  }

  ledger(): ReturnType<Product['ledger']> {
    return this.#open('read', 'ledger', false).reports.ledger();
  }

  why(question: string): ReturnType<Product['why']> {
    const nowMs = this.#parts.clock.now();
    const hours = sendingHours(this.#setting.config, this.#read());
    const store = this.#open('read', 'why', false);
    const { config } = this.#setting;
    const linkOf = (message: MessageFacts): string => notArrivedLink(config, message, store.secret);
    // Nobody serves the page where nothing listens.
    const isServed = config.http.listen !== null;
    return answerWhy(store, this.#read(), { question, nowMs, hours, ...(isServed ? { linkOf } : {}) });
  }

  errors(question: Parameters<Product['errors']>[0]): ReturnType<Product['errors']> {
    return errorHistory(this.#open('read', 'errors', false), this.#read(), question);
  }

  listSources(): ReturnType<Product['listSources']> {
    return listSources(this.#pathParts());
  }

  async checkSources(ip: string | null): ReturnType<Product['checkSources']> {
    return await checkSources({ config: this.#setting.config, clock: this.#parts.clock }, ip);
  }

  stopsInForce(): ReturnType<Product['stopsInForce']> {
    const store = this.#openIfThere();
    return store === null ? [] : stopsInForce(store, this.#read(), this.#parts.clock.now());
  }

  liftStops(question: Parameters<Product['liftStops']>[0]): ReturnType<Product['liftStops']> {
    const { clock, random } = this.#parts;
    const openWorker = (): Store => {
      this.#store?.close();
      this.#store = null;
      return this.#open('work', 'path resume', false);
    };
    return liftStops(
      { openReader: () => this.#open('read', 'path', false), openWorker, clock, random },
      question,
    );
  }

  replayRules(question: Parameters<Product['replayRules']>[0]): ReturnType<Product['replayRules']> {
    return replayRules(this.#open('read', 'path', false), this.#read(), question);
  }

  listPaths(): ReturnType<Product['listPaths']> {
    return listPaths(this.#pathParts());
  }

  async explainPaths(question: Parameters<Product['explainPaths']>[0]): ReturnType<Product['explainPaths']> {
    return await explainPaths(this.#pathParts(), question);
  }

  async cancel(campaign: string): ReturnType<Product['cancel']> {
    return await this.#act('cancel', campaign, false);
  }

  inbox(): ReturnType<Product['inbox']> {
    const store = this.#open('read', 'inbox', false);
    return createInbox({ mails: store.mails, removed: store.inbox });
  }

  async makeKey(request: Parameters<Product['makeKey']>[0]): ReturnType<Product['makeKey']> {
    const { clock, random } = this.#parts;
    const { digest, ...made } = makeKey(request, { nowMs: clock.now(), random, randomBytes });
    await this.#act('key create', { key: made.key, digest: digest.toString('hex') }, true);
    return made;
  }

  webhooks(): ReturnType<Product['webhooks']> {
    const { clock, random } = this.#parts;
    return webhookCommands({
      config: this.#setting.config,
      clock,
      random,
      read: () => this.#openIfThere(),
      act: async (...action) => await this.#act(...action),
    });
  }

  keys(): ReturnType<Product['keys']> {
    return this.#openIfThere()?.keys.list() ?? [];
  }

  async revokeKey(id: string): ReturnType<Product['revokeKey']> {
    return await this.#act('key revoke', id, false);
  }

  report(campaigns: readonly string[]): ReturnType<Product['report']> {
    const store = this.#open('read', 'report', false);
    const ids = campaigns.flatMap((name) => store.campaigns.byName(name)?.id ?? []);
    const counts = ids.flatMap((id) => store.reports.outcomeCounts(id));
    const reasons = ids.flatMap((id) => store.reports.topReasons(id, mostReasons));
    return deliveryReport(
      this.#read(),
      counts,
      reasons.toSorted((a, b) => b.count - a.count).slice(0, mostReasons),
    );
  }

  classify(question: Parameters<Product['classify']>[0]): ReturnType<Product['classify']> {
    const knowledge = this.#read();
    return describeReply(question, { knowledge, classifier: createClassifier(knowledge) });
  }

  classifyFiles(
    ...[files, stdin]: Parameters<Product['classifyFiles']>
  ): ReturnType<Product['classifyFiles']> {
    return readReturnedFiles(files, stdin, this.#read());
  }

  // The port; reads the file and nothing else
  async inspectTemplate(file: string): ReturnType<Product['inspectTemplate']> {
    return await describeTemplate(file);
  }

  suppressions(): ReturnType<Product['suppressions']> {
    return this.#open('read', 'suppression', false).suppressions;
  }

  async suppress(batch: Parameters<Product['suppress']>[0]): ReturnType<Product['suppress']> {
    return await this.#act('suppression add', batch, true);
  }

  async liftSuppressions(
    ...facts: Parameters<Product['liftSuppressions']>
  ): ReturnType<Product['liftSuppressions']> {
    return await this.#act('suppression remove', facts, false);
  }

  async importSuppressions(
    ...[file, watch]: Parameters<Product['importSuppressions']>
  ): ReturnType<Product['importSuppressions']> {
    // Opened by the first batch of addresses: a file that is no list leaves no data folder behind.
    const rejected: RejectedRow[] = [];
    const summary = await importSuppressions(file, {
      store: { add: (batch) => this.suppress(batch) },
      source: `import:${basename(file)}`,
      atMs: this.#parts.clock.now(),
      signal: watch.signal,
      rejected: (row) => void (rejected.length < mostExamples && rejected.push(row)),
      progress: watch.importing,
    });
    return { summary, rejected };
  }

  exportSuppressions(file: string): ReturnType<Product['exportSuppressions']> {
    return { written: exportSuppressions(this.suppressions(), file) };
  }

  // The port; reads the files and nothing else
  readReports(files: readonly string[]): ReturnType<Product['readReports']> {
    return readReportFiles(files);
  }

  storeReports(reports: Parameters<Product['storeReports']>[0]): ReturnType<Product['storeReports']> {
    return this.#open('work', 'report', true).mailReports.take(reports, this.#parts.clock.now());
  }

  mailReports(): ReturnType<Product['mailReports']> {
    return this.#open('read', 'report', false).mailReports;
  }

  tlsReports(day: string | null): ReturnType<Product['tlsReports']> {
    return this.#open('read', 'tls report', false).tlsCounts.reports(day);
  }

  makeTlsReport(day: string, domain: string): ReturnType<Product['makeTlsReport']> {
    const counts = this.#open('read', 'tls report', false).tlsCounts.of(day, domain);
    if (counts.length === 0) return null;
    return makeReport(counts, { day, domain }, reporterOf(this.#setting.config) ?? nobody).json;
  }

  async sendTlsReports(): ReturnType<Product['sendTlsReports']> {
    const { clock, random } = this.#parts;
    const { config } = this.#setting;
    return await sendTlsReports({ config, store: this.#open('work', 'tls report', false), clock, random });
  }

  // The port is asynchronous for stores that are
  async close(): Promise<void> {
    this.#line?.close();
    this.#line = null;
    this.#store?.close();
    this.#store = null;
  }

  async handOver(request: Parameters<Product['handOver']>[0]): ReturnType<Product['handOver']> {
    return await handOver(this.#handOverParts(), request);
  }

  async submissionSession(
    ...[from, to]: Parameters<Product['submissionSession']>
  ): ReturnType<Product['submissionSession']> {
    return await pipeToSubmission(this.#handOverParts(), from, to);
  }

  #handOverParts(): HandOverParts {
    const { clock, random } = this.#parts;
    return {
      config: this.#setting.config,
      dataFolder: this.#folder(),
      clock,
      random,
      openStore: () => this.#open('work', 'sendmail', true),
    };
  }

  async #deliver(campaigns: readonly Campaign[], watch: DeliveryWatch): ReturnType<typeof deliver> {
    return await deliver(this.#runParts('send'), campaigns, watch);
  }

  #runParts(command: 'send' | 'serve' | 'intake'): RunParts {
    const store = this.#open('work', command, command !== 'intake');
    const { clock, random } = this.#parts;
    const config = liveConfig(this.#setting.config, store.domains);
    return { store, clock, random, config, knowledge: this.#read() };
  }

  /** The process that serves in the folder, which then does the work; null: nobody serves there. */
  async #serving(): Promise<ControlLine | null> {
    this.#line ??= await connectControl(this.#folder(), this.#parts.version);
    return this.#line;
  }

  /** Changes something in the store, or has it changed by the process that serves. */
  async #act<Name extends StoreActionName>(
    name: Name,
    input: StoreActionInput<Name>,
    create: boolean,
  ): Promise<StoreActionAnswer<Name>> {
    const line = await this.#serving();
    if (line !== null) return await askAction(line, name, input);
    const { clock, random } = this.#parts;
    const store = this.#open('work', name, create);
    return doAction({ store, config: this.#setting.config, clock, random }, name, input);
  }

  #folder(): string {
    const { config, dataDirectory } = this.#setting;
    return config.storage.url === '' ? dataDirectory : config.storage.url.replace(/^sqlite:/, '');
  }

  /** The store as first asked for: a command reads, or it works. */
  #open(mode: 'read' | 'work', command: string, create: boolean): Store {
    const { config } = this.#setting;
    const { clock, version } = this.#parts;
    const policy = config.suppression;
    this.#store ??= openStore({ folder: this.#folder(), clock, version, mode, create, command, policy });
    return this.#store;
  }

  #pathParts(): PathParts {
    const { clock, random } = this.#parts;
    return {
      store: this.#openIfThere(),
      config: this.#setting.config,
      knowledge: this.#read(),
      clock,
      random,
    };
  }

  /** null: nothing was ever stored here, which is an answer too. */
  #openIfThere(): Store | null {
    try {
      return this.#open('read', 'path', false);
    } catch (error) {
      if (error instanceof AppError && error.code === 'storage-missing') return null;
      throw error;
    }
  }

  #read(): Knowledge {
    this.#knowledge ??= loadKnowledge(defaultKnowledgeFolder(), this.#setting.config.knowledge.folders);
    return this.#knowledge;
  }
}

function sendingFacts(
  { list, stream, window, timezone }: SendRequest,
  { delivery }: Config,
): Pick<Campaign, 'expiresMs' | 'list' | 'stream' | 'window' | 'timezone'> {
  const isUrgent = stream === 'transactional';
  return {
    expiresMs: isUrgent ? delivery.expiryTransactionalMs : delivery.expiryMs,
    ...(list === null ? {} : { list }),
    ...(isUrgent ? { stream } : {}),
    ...(window === null ? {} : { window }),
    ...(timezone === null ? {} : { timezone }),
  };
}

// A report that is only looked at needs no sender.
const nobody = { organization: '', contact: '' };

// A page of reasons; the long tail is in `todoku why` and the store.
const mostReasons = 8;

/** A domain that was asked for by name must be one that signs: a slip would send a whole campaign unsigned. */
function unknownDomain(config: Config, domain: string): AppError {
  const names = config.domains.map(({ name }) => name).join(', ');
  return new AppError({
    code: 'domain-not-configured',
    message: {
      ja: `--domain ${domain} は設定の domains にありません`,
      en: `--domain ${domain} is not among the “domains” of the configuration`,
    },
    hint:
      names === ''
        ? { ja: '設定ファイルの domains に加えてください', en: 'add it there, with its DKIM key' }
        : { ja: `設定にあるもの: ${names}`, en: `it has ${names}` },
  });
}
