/** What the models of the paying team say, what the person fills in, and what comes of it. */
import { call, type ModelRequest, type Turn } from '../../src/testing/index.ts';

export const message = 'Buy coffee.';

/** The person's values for the question of `get_user_input`. */
export const choice = { coffee: 'Kenya', bags: 2 };

/** The calls have no ids here: like OpenAI, the model server makes new ones for each reply. */
export const agents: Readonly<Record<string, readonly Turn[]>> = {
  PayingTeam: [
    [
      call('pay', { to: 'Roaster', euros: 30 }),
      call('delegate_task_to_member', { member_id: 'BuyerAgent', task: 'Choose a coffee.' }),
    ],
    (request) => contentOf(...results(request)),
  ],
  BuyerAgent: [
    [call('look_up', { topic: 'coffee' })],
    [
      call('get_user_input', {
        user_input_fields: [
          {
            field_name: 'coffee',
            field_type: 'choice',
            field_description: 'Which coffee?',
            field_choices: ['Kenya', 'Peru'],
          },
          { field_name: 'bags', field_type: 'int', field_description: 'How many bags?' },
        ],
      }),
    ],
    (request) => `The user wants ${results(request).at(-1)}.`,
  ],
};

/** The leader's last reply, from the results of its two calls. */
export function contentOf(receipt = '', report = ''): string {
  return `Paid: ${receipt}. ${report}`;
}

/** The report of the member. */
export const report = `The user wants ${JSON.stringify(choice)}.`;

/** What `pay` returns when it runs with a key. */
export function receiptOf(key: string): string {
  return `receipt of ${key}`;
}

function results({ messages }: ModelRequest): string[] {
  return messages.flatMap((one) =>
    one.role === 'tool' && typeof one.content === 'string' ? [one.content] : [],
  );
}
