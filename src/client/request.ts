/** How to reach a running Todoku. */
export type ClientOptions = {
  /** `https://mail.example.jp`, with or without a path in front of `/v1`. */
  readonly baseUrl: string;
  /** A key of `todoku key create`: `tdk_…`. */
  readonly token: string;
  /** Language of the texts in errors. */
  readonly language?: 'en' | 'ja';
  /** In place of the global one. */
  readonly fetch?: typeof fetch;
};

export type CallOptions = {
  /** The same for a repeated request: it is done once, and answered as the first time. */
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** RFC 9457, as the API answers what it does not do. */
export type ProblemDetails = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly cure?: string;
  readonly errors?: readonly {
    readonly pointer?: string;
    readonly parameter?: string;
    readonly header?: string;
    readonly detail: string;
    readonly cure?: string;
  }[];
};

/** A request that was not done: why, which field, and the cure. */
export class TodokuError extends Error {
  readonly status: number;
  /** Stable name, e.g. `invalid-body`. */
  readonly code: string;
  /** null: the answer was no problem document (a proxy in between). */
  readonly problem: ProblemDetails | null;
  /** Seconds after which it may be asked again; null: not told. */
  readonly retryAfterSeconds: number | null;

  constructor(response: Response, problem: ProblemDetails | null) {
    super(problem === null ? `HTTP ${response.status}` : wordsOf(problem));
    this.name = 'TodokuError';
    this.status = response.status;
    this.code = problem?.code ?? 'http';
    this.problem = problem;
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    this.retryAfterSeconds = Number.isNaN(seconds) ? null : seconds;
  }
}

function wordsOf({ title, detail, errors = [] }: ProblemDetails): string {
  const places = errors.map((each) =>
    `${each.pointer ?? each.parameter ?? each.header ?? ''} ${each.detail}`.trim(),
  );
  return [title, detail, ...places].filter((part) => part !== undefined).join('; ');
}

/** What `fetch` takes: text, bytes, a stream. */
export type RequestBody = NonNullable<RequestInit['body']>;

type QueryValue = string | number | boolean | readonly string[] | undefined;

type Request = {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  /** JSON value, or with another media type what `fetch` takes. */
  readonly body?: unknown;
  readonly mediaType?: string;
  readonly answer: 'json' | 'nothing' | 'response';
};

/** One request; resolves to what the document says of it. */
export type Ask = <Answer>(request: Request, options?: CallOptions) => Promise<Answer>;

export function createAsk(client: ClientOptions): Ask {
  const { baseUrl, token, language = 'en' } = client;
  const send = client.fetch ?? fetch;
  return async <Answer>(request: Request, options: CallOptions = {}) => {
    const { idempotencyKey, signal } = options;
    const response = await send(`${baseUrl.replace(/\/+$/, '')}${request.path}${queryText(request.query)}`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${token}`,
        'accept-language': language,
        ...(request.mediaType === undefined ? {} : { 'content-type': request.mediaType }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...options.headers,
      },
      ...(request.body === undefined ? {} : { body: bodyOf(request) }),
      // A body that is a stream goes one way only (fetch standard, RequestInit.duplex).
      ...(request.body instanceof ReadableStream ? { duplex: 'half' } : {}),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) throw new TodokuError(response, await problemOf(response));
    if (request.answer === 'nothing') await response.body?.cancel();
    const answer: unknown =
      request.answer === 'json'
        ? await response.json()
        : request.answer === 'response'
          ? response
          : undefined;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as the document of the API has it
    return answer as Answer;
  };
}

function bodyOf({ body, mediaType }: Request): RequestBody {
  if (mediaType === 'application/json') return JSON.stringify(body);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the generated methods take a RequestBody where it is no JSON
  return body as RequestBody;
}

function queryText(query: Request['query']): string {
  const fields = Object.entries(query ?? {}).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    const values: readonly (string | number | boolean)[] = typeof value === 'object' ? value : [value];
    return values.map((each) => [name, String(each)]);
  });
  return fields.length === 0 ? '' : `?${new URLSearchParams(fields).toString()}`;
}

async function problemOf(response: Response): Promise<ProblemDetails | null> {
  if (response.headers.get('content-type')?.startsWith('application/problem+json') !== true) {
    await response.body?.cancel();
    return null;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- RFC 9457, by its media type
  return (await response.json()) as ProblemDetails;
}
