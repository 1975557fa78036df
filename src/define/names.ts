/** What a name must be so that every model API takes it, and how a wrong one is refused. */
import { DefinitionError } from '../errors.ts';

/**
 * OpenAI takes function names of letters, digits, "_" and "-", at most 64. By one of them JavaScript
 * means something else, wherever names are keys.
 */
const sendable = /^(?!__proto__$)[A-Za-z0-9_-]{1,64}$/;

export function checkName(kind: 'Tool' | 'Agent' | 'Team', name: string): void {
  if (sendable.test(name)) return;
  throw new DefinitionError(
    'name_unusable',
    `${kind} name "${name}" cannot be sent to a model. Use letters, digits, "_" and "-", at most 64.`,
  );
}

export function checkUnique(
  owner: string,
  kind: 'member' | 'tool' | 'team',
  names: readonly string[],
): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new DefinitionError('name_taken', `${owner} has two ${kind}s named "${twice}".`);
}
