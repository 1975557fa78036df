/** The turns that scenarios are made of. */
import { call, type ToolCallTurn } from '../../src/testing/index.ts';

export function delegate(id: string, member: string, task = `task for ${member}`): ToolCallTurn {
  return call('delegate_task_to_member', { member_id: member, task }, id);
}

/** Asks for text fields of these names. */
export function ask(id: string, ...names: string[]): ToolCallTurn {
  const fields = names.map((name) => ({
    field_name: name,
    field_type: 'str',
    field_description: `Which ${name}?`,
  }));
  return call('get_user_input', { user_input_fields: fields }, id);
}

export function note(id: string, line: string): ToolCallTurn {
  return call('note', { line }, id);
}
