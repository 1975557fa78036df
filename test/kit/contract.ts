/**
 * Holds every answer of the HTTP server against its own contract, to the last field: the OpenAPI
 * document that it serves, read by a JSON Schema validator.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { createApp } from '../../server/app.ts';
import type { Runtime } from '../../src/index.ts';

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly content?: Readonly<Record<string, Media>>;
        readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
      }
    >
  >;
}

export interface Contract {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** The document is the same whatever the teams are, and nothing is asked of a runtime. */
const app = createApp({ as: () => ({}) } as unknown as Runtime);
const text = await (await app.request('/openapi.json')).text();

export const contract = JSON.parse(text) as Contract;

export interface RouteOf {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** Every route of the contract. */
export const routes: readonly RouteOf[] = Object.entries(contract.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    operation,
  })),
);

/** What was answered so far: the route's name with a status, or with a problem's code. */
export const answered = new Set<string>();

/** With discriminators, what does not fit a union is told of the one that was meant. */
const ajv = new Ajv2020({ strict: false, allErrors: true, discriminator: true });
ajv.addFormat('date-time', (value) => new Date(value).toISOString() === value);
const mapped = (key: string, value: unknown) => (key === 'mapping' ? undefined : value);
ajv.addSchema(JSON.parse(text, mapped), 'contract');

function pointer(...parts: readonly string[]): string {
  const written = parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'));
  return `contract#/${written.map(encodeURIComponent).join('/')}`;
}

const validators = new Map<string, ValidateFunction>();

function validatorOf($ref: string): ValidateFunction {
  const found = validators.get($ref) ?? ajv.compile({ $ref });
  validators.set($ref, found);
  return found;
}

/** What does not fit a schema of the contract, by the path to it in the document. */
export function misfits(value: unknown, ...parts: readonly string[]): readonly string[] {
  const validate = validatorOf(pointer(...parts));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
  );
}

/** Headers that mean something to clients, which the contract must tell of. */
const told = [
  'Allow',
  'Content-Location',
  'Idempotency-Replayed',
  'Location',
  'Preference-Applied',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** As it was sent. */
  readonly text: string;
}

/**
 * Checks an answer against the contract.
 *
 * @param path as it was asked for, below where the app is mounted
 * @throws Error that says what the contract does not say
 */
export function checkAnswer(method: string, path: string, { status, headers, text }: Answer): void {
  const [pathname = ''] = path.split('?');
  const what = `${method} ${path} answered ${status}`;
  const route = routeOf(method, pathname);
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  if (!route) {
    const { code } = JSON.parse(text);
    const isNone = code === 'route_not_found' || code === 'method_not_allowed';
    if (isNone && misfits(JSON.parse(text), ...problem).length === 0) return;
    throw new Error(`${what}, but the contract has no such route: ${text}`);
  }
  const responses = route.operation.responses;
  if (!responses[status]) throw new Error(`${what}, which the contract does not say: ${text}`);
  const { content, headers: described = {} } = responses[status];
  for (const name of told) {
    const isSent = headers.has(name);
    if (isSent && !described[name]) throw new Error(`${what} with ${name}, unlike the contract.`);
    if (!isSent && described[name]?.required) throw new Error(`${what} without ${name}.`);
  }
  answered.add(`${route.operation.operationId} ${status < 300 ? status : JSON.parse(text).code}`);
  if (!content && text === '') return;
  if (!content?.[type]) throw new Error(`${what} as ${type}, unlike the contract.`);
  const value = type.endsWith('json') ? JSON.parse(text) : text;
  const place = ['paths', route.path, method.toLowerCase(), 'responses', `${status}`];
  const found = misfits(value, ...place, 'content', type, 'schema');
  if (found.length > 0)
    throw new Error(`${what}, unlike the contract: ${found.join('; ')}: ${text}`);
}

/** Asks an app in this process, and holds its answer against the contract. */
export async function ask(
  app: { request(path: string, init: RequestInit): Response | Promise<Response> },
  method: string,
  path: string,
  init: RequestInit = {},
) {
  const response = await app.request(path, { ...init, method });
  const { status, headers } = response;
  const text = await response.text();
  checkAnswer(method, path, { status, headers, text });
  const isJson = headers.get('content-type')?.includes('json');
  return { status, headers, text, body: isJson ? JSON.parse(text) : undefined };
}

const problem = ['components', 'schemas', 'Problem'];

export function routeOf(method: string, pathname: string): RouteOf | undefined {
  return routes.find((route) => {
    const pattern = route.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
    return route.method === method && new RegExp(`^${pattern}$`).test(pathname);
  });
}

/** All that the contract says may be answered, in the words of `answered`. */
export function promised(): string[] {
  return routes.flatMap(({ operation: { operationId, responses } }) =>
    Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Number(status) < 300
        ? [`${operationId} ${status}`]
        : Object.values(content)
            .flatMap(({ schema }) => codesIn(schema))
            .map((code) => `${operationId} ${code}`),
    ),
  );
}

function codesIn(schema: object): readonly string[] {
  const [, own] = (schema as { allOf: { properties: { code: { enum: string[] } } }[] }).allOf;
  return own?.properties.code.enum ?? [];
}
