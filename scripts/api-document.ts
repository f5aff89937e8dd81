import * as http from '../src/http/index.ts';
import type { Api } from '../src/http/index.ts';

type OpenApi = ReturnType<Api['app']['getOpenAPI31Document']>;

/** The document of the whole API, without a store or a socket: every group of routes describes itself before anybody calls it. */
export function apiDocument(version: string): OpenApi {
  // Node sorts the names of a module; a test runner that loads it by other means does not.
  const groups = Object.entries(http)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, make]) =>
      /^[a-z]+Routes$/.test(name) && typeof make === 'function' ? [groupOf(make)] : [],
    );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the rest is for requests, and none is answered
  const app = http.createHttpApp({ version, groups } as unknown as http.HttpAppParts);
  return http.openApiDocument(app, version);
}

// What the handlers would work with; none of them is called.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- stands for any part of any group
const nothing = new Proxy(() => nothing, { get: () => nothing, apply: () => nothing }) as never;

/** Two forms: `(api, parts)`, and `(parts)` that gives the group. */
function groupOf(make: (...parts: never[]) => unknown): http.RouteGroup {
  if (make.length === 2) {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- by the names in src/http/index.ts
    const group = make as unknown as (api: Api, parts: never) => void;
    return (api) => group(api, nothing);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return make(nothing) as http.RouteGroup;
}
