/** What of a team matters to a run that was saved: names, tools and what they take. */
import { createHash } from 'node:crypto';
import type { Agent } from './agent.ts';
import { parametersOf, type Tool } from './tool.ts';

/** A tool in short. */
export interface ToolDescription {
  readonly kind: Tool['kind'] | 'external';
  /** SHA-256 over what the model fills in, whatever the words that describe it. */
  readonly input: string;
  /** SHA-256 over what the person fills in before the tool runs, whatever the labels. */
  readonly user: string;
}

/** An agent in short. */
export interface AgentDescription {
  readonly mode: Agent['mode'];
  readonly tools: Readonly<Record<string, ToolDescription>>;
  readonly members: Readonly<Record<string, AgentDescription>>;
}

/** Describes an agent and all below it, so that two versions of it can be compared. */
export function describeTeam(agent: Agent): AgentDescription {
  return {
    mode: agent.mode,
    tools: Object.fromEntries(agent.tools.map((tool) => [tool.name, describeTool(tool)])),
    members: Object.fromEntries(agent.members.map((member) => [member.name, describeTeam(member)])),
  };
}

const definitions = new WeakMap<Agent, string>();

/** The description of an agent as JSON: the same text as long as nothing in it changed. */
export function definitionOf(agent: Agent): string {
  const known = definitions.get(agent);
  if (known !== undefined) return known;
  const definition = JSON.stringify(describeTeam(agent));
  definitions.set(agent, definition);
  return definition;
}

function describeTool(tool: Tool): ToolDescription {
  const external = tool.kind === 'function' && !tool.execute;
  const fields = tool.kind === 'function' ? tool.userFields : [];
  return {
    kind: external ? 'external' : tool.kind,
    input: hashOf(shapeOf(parametersOf(tool))),
    user: hashOf(fields.map(({ label: _, descriptions: __, ...shape }) => sorted(shape))),
  };
}

/**
 * A JSON Schema without its wording, its keys in one order: what is left changes only when other
 * values fit.
 */
function shapeOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(shapeOf);
  if (typeof schema !== 'object' || schema === null) return schema;
  const shaped = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'title' || key === 'description') return [];
    if (key === 'required' && Array.isArray(value)) return [[key, value.toSorted()]];
    // Their keys are names that the author chose, and may be any word.
    return [[key, key === 'properties' || key === '$defs' ? namedShapes(value) : shapeOf(value)]];
  });
  return sorted(Object.fromEntries(shaped));
}

function namedShapes(schemas: object): unknown {
  return sorted(
    Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, shapeOf(schema)])),
  );
}

function sorted(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
