/**
 * The contract as a page: every route with its parameters, bodies, answers and examples, made from
 * the OpenAPI document. Plain HTML: it needs no script, and nothing from anywhere else.
 */
import { html } from 'hono/html';

/** What of an OpenAPI document the page shows. */
export interface Document {
  readonly info: { readonly title: string; readonly description?: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly paths?: object;
  readonly components?: { readonly schemas?: object };
  readonly security?: readonly object[];
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly example?: unknown;
  readonly [limit: string]: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Content }>
  >;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

type Html = ReturnType<typeof html>;

/** The page of a document. */
export function docsPage({
  info,
  servers = [],
  paths = {},
  components = {},
  security,
}: Document): Html {
  const routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(
      ([method, operation]): Route => ({ method: method.toUpperCase(), path, operation }),
    ),
  );
  const schemas = Object.entries((components.schemas ?? {}) as Record<string, Schema>);
  const byTag = [...Map.groupBy(routes, ({ operation }) => operation.tags?.[0] ?? 'Other')];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}: the HTTP contract</title>
<link rel="stylesheet" href="docs.css">
</head>
<body>
<header>
<h1>${info.title}</h1>
<p>${inCode(info.description)}</p>
${security ? html`<p>Send <code>Authorization: Bearer …</code>, except where a route says that it is open.</p>` : ''}
<p>Served at <code>${servers[0]?.url}</code>. For programs: <a href="openapi.json">openapi.json</a>.</p>
</header>
<nav aria-label="Routes">${byTag.map(([tag, list]) => html`<h2>${tag}</h2><ul>${list.map(entry)}</ul>`)}</nav>
<main>
<h2>Routes</h2>
${routes.map((route) => section(route, Object.fromEntries(schemas)))}
<h2>Schemas</h2>
${schemas.map(([name, schema]) => html`<section id="schema-${name}"><h3>${name}</h3>${about(schema)}</section>`)}
</main>
</body>
</html>`;
}

function entry({ method, path, operation }: Route): Html {
  return html`<li><a href="#${operation.operationId}"><b>${method}</b> ${path}</a></li>`;
}

function section({ method, path, operation }: Route, schemas: Record<string, Schema>): Html {
  const { operationId, summary, description, security, responses } = operation;
  const { parameters = [], requestBody } = operation;
  return html`<section id="${operationId}">
<h3><b>${method}</b> <code>${path}</code></h3>
<p>${summary}. ${inCode(description)}${security?.length === 0 ? ' Open to everybody.' : ''}</p>
${parameters.length > 0 ? table('Parameters', parameters.map(parameterRow)) : ''}
${requestBody ? html`<h4>Body</h4>${bodies(requestBody.content, schemas)}` : ''}
${table(
  'Answers',
  Object.entries(responses).map(([status, response]) => answerRow(status, response)),
)}
</section>`;
}

function parameterRow({ name, in: place, required, description, schema }: Parameter): Html {
  const where = `${place}${required ? ', required' : ''}`;
  return row(name, html`${typeOf(schema)} <small>${where}</small>`, description);
}

function bodies(content: Content, schemas: Record<string, Schema>): Html[] {
  return Object.entries(content).map(([type, { schema }]) => {
    const { example } = schemas[nameOf(schema)] ?? schema;
    const shown = example === undefined ? '' : html`<pre>${JSON.stringify(example, null, 2)}</pre>`;
    return html`<p><code>${type}</code>: ${typeOf(schema)}</p>${shown}`;
  });
}

function answerRow(status: string, { description, content = {} }: Operation['responses'][string]) {
  // Problems differ by their codes only, which the description names.
  const types = Object.entries(content).map(([type, { schema }]) =>
    type === 'application/problem+json'
      ? html`<a href="#schema-Problem">Problem</a>`
      : html`${typeOf(schema)} <small>${type}</small> `,
  );
  return row(status, html`${types}`, description);
}

/** What a schema says of itself, and of each of its properties. */
function about(schema: Schema): Html {
  const { description, properties, required = [], example } = schema;
  const rows = Object.entries(properties ?? {}).map(([name, one]) =>
    row(
      name,
      html`${typeOf(one)}${required.includes(name) ? '' : html` <small>optional</small>`}`,
      one.description,
    ),
  );
  return html`${description ? html`<p>${inCode(description)}</p>` : ''}
${properties ? table('Properties', rows) : html`<p>${typeOf(schema)}</p>`}
${example === undefined ? '' : html`<pre>${JSON.stringify(example, null, 2)}</pre>`}`;
}

function table(caption: string, rows: readonly Html[]): Html {
  return html`<table><caption>${caption}</caption><tbody>${rows}</tbody></table>`;
}

function row(name: string, type: Html, description = ''): Html {
  return html`<tr><th scope="row"><code>${name}</code></th><td>${type}<p>${inCode(description)}</p></td></tr>`;
}

function typeOf(schema: Schema): Html {
  const name = nameOf(schema);
  if (name) return html`<a href="#schema-${name}">${name}</a>`;
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) return joined(variants.map(typeOf));
  if (schema.enum)
    return joined(schema.enum.map((one) => html`<code>${JSON.stringify(one)}</code>`));
  if (schema.items) return html`list of ${typeOf(schema.items)}${limits(schema)}`;
  const values = schema.additionalProperties;
  if (typeof values === 'object') return html`object by name: ${typeOf(values)}`;
  const keys = Object.entries(schema.properties ?? {});
  if (keys.length > 0) {
    return html`{ ${joined(
      keys.map(([key, one]) => html`<code>${key}</code>: ${typeOf(one)}`),
      ', ',
    )} }`;
  }
  const type = [schema.type ?? 'any JSON'].flat().join(' or ');
  return html`${schema.format ?? type}${limits(schema)}`;
}

const limitWords = {
  minLength: 'min length',
  maxLength: 'max length',
  minimum: 'min',
  maximum: 'max',
  maxItems: 'max items',
  pattern: 'like',
};

function limits(schema: Schema): Html | string {
  const given = Object.entries(limitWords).filter(([limit]) => limit in schema);
  if (given.length === 0) return '';
  const words = given.map(([limit, word]) => `${word} ${schema[limit]}`).join(', ');
  return html` <small>(${words})</small>`;
}

function joined(parts: readonly Html[], by = ' | '): Html {
  return html`${parts.map((part, index) => html`${index > 0 ? by : ''}${part}`)}`;
}

function nameOf({ $ref }: Schema): string {
  return $ref?.split('/').at(-1) ?? '';
}

/** Text with what stands in backticks as code. */
function inCode(text = ''): Html[] {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
