import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import OpenAI from 'openai';
import {
  call,
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
} from '../../src/testing/index.ts';
import { body, calling, client, post, result, system, user } from './requests.ts';

async function withServer(
  options: ModelServerOptions,
  use: (server: ModelServer) => Promise<void>,
): Promise<void> {
  const server = await startModelServer(options);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

const asking = (server: ModelServer, ...messages: unknown[]) => post(server, body(messages));
const spoken = async (server: ModelServer, ...messages: unknown[]) =>
  (await asking(server, ...messages)).answer.choices[0].message.content;

describe('a script', () => {
  const agents = { Leader: ['first', 'second', 'third'], 'Worker Two': ['hello'] };
  const round = [calling('call_a'), result('call_a')];

  it('gives the turn that follows the last user message', () =>
    withServer({ agents }, async (server) => {
      const leader = system('Leader');
      assert.equal(await spoken(server, leader, user()), 'first');
      assert.equal(await spoken(server, leader, user(), ...round), 'second');
      assert.equal(await spoken(server, leader, user(), ...round, ...round), 'third');
      assert.equal(await spoken(server, leader, user(), ...round, user('And tea?')), 'first');
      assert.deepEqual(
        server.requests.map((request) => [request.agent, request.turn]),
        [0, 1, 2, 0].map((turn) => ['Leader', turn]),
      );
    }));

  it('refuses a single call where a list of calls belongs, which a script without types may have', () =>
    withServer({ agents: { Leader: [call('search', {}) as never] } }, async (server) => {
      const { status, answer } = await asking(server, system('Leader'), user());
      assert.equal(status, 400);
      assert.match(answer.error.message, /Put it in a list/);
    }));

  it('belongs to the agent that the instructions name', () =>
    withServer({ agents }, async (server) => {
      assert.equal(await spoken(server, system('Worker Two', 'developer'), user()), 'hello');
      const inParts = { role: 'system', content: [{ type: 'text', text: 'You are "Leader".' }] };
      assert.equal(await spoken(server, inParts, user()), 'first');
    }));

  it('answers a repeated request in the same way, also from another server', async () => {
    const seen: string[] = [];
    const ask = async (server: ModelServer) => {
      seen.push(await spoken(server, system('Leader'), user(), ...round));
      seen.push(await spoken(server, system('Leader'), user(), ...round));
    };
    await withServer({ agents }, ask);
    await withServer({ agents }, ask);
    assert.deepEqual(seen, ['second', 'second', 'second', 'second']);
  });

  it('that ends too early is an error that names the agent and the turn', () =>
    withServer({ agents }, async (server) => {
      const { status, answer } = await asking(server, system('Worker Two'), user(), ...round);
      const message =
        'The script of agent "Worker Two" has no turn 1, counted from 0. Its length is 1.';
      assert.equal(status, 400);
      assert.deepEqual(answer.error, {
        message,
        type: 'invalid_request_error',
        param: null,
        code: null,
      });
      assert.equal(server.requests.length, 1);
      assert.equal(server.refusals[0]?.message, message);
    }));

  it('that is missing is an error, whatever the agent is called', () =>
    withServer({ agents }, async (server) => {
      for (const name of ['Stranger', 'constructor', '__proto__']) {
        const { status, answer } = await asking(server, system(name), user());
        assert.equal(status, 400);
        assert.equal(
          answer.error.message,
          `There is no script for agent "${name}", which asked for turn 0.`,
        );
      }
      const nameless = await asking(server, user());
      assert.match(
        nameless.answer.error.message,
        /^There is no script for an agent without a name/,
      );
      assert.equal(server.refusals.length, 4);
    }));
});

const create = (server: ModelServer) =>
  client(server).chat.completions.create({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Coffee' }],
  });

describe('a turn', () => {
  it('that is a text is a completion for OpenAI’s client', () =>
    withServer({ respond: () => 'Black.' }, async (server) => {
      const completion = await create(server);
      const [choice] = completion.choices;
      assert.equal(completion.object, 'chat.completion');
      assert.equal(completion.model, 'gpt-4o-mini');
      assert.match(completion.id, /^chatcmpl-[0-9A-Za-z]{29}$/);
      assert.ok(Math.abs(completion.created - Date.now() / 1000) < 60);
      assert.equal(choice?.finish_reason, 'stop');
      assert.equal(choice?.message.content, 'Black.');
      assert.equal(choice?.message.tool_calls, undefined);
      assert.equal(choice?.message.refusal, null);
      const { usage } = completion;
      assert.ok(usage && usage.prompt_tokens > 10 && usage.completion_tokens > 0);
      assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    }));

  it('that is a list of calls has ids of its own where none are given', () =>
    withServer(
      { respond: () => [call('book', { seats: 2 }), call('book', '{"seats":', 'call_mine')] },
      async (server) => {
        const [choice] = (await create(server)).choices;
        const [made, given] = choice?.message.tool_calls ?? [];
        assert.equal(choice?.finish_reason, 'tool_calls');
        assert.equal(choice?.message.content, null);
        assert.ok(made?.type === 'function' && given?.type === 'function');
        assert.match(made.id, /^call_[0-9A-Za-z]{24}$/);
        assert.deepEqual(made.function, { name: 'book', arguments: '{"seats":2}' });
        assert.equal(given.id, 'call_mine');
        assert.equal(given.function.arguments, '{"seats":');
      },
    ));

  it('in parts says how it ends, what it refuses and what it costs', () =>
    withServer(
      {
        respond: () => ({
          text: 'Wait',
          calls: [call('book', undefined)],
          finishReason: 'length',
          usage: { promptTokens: 7, completionTokens: 5 },
        }),
      },
      async (server) => {
        const completion = await create(server);
        const [choice] = completion.choices;
        assert.equal(choice?.finish_reason, 'length');
        assert.equal(choice?.message.content, 'Wait');
        assert.equal(choice?.message.tool_calls?.length, 1);
        assert.equal(completion.usage?.total_tokens, 12);
      },
    ));

  it('that refuses has no text', () =>
    withServer({ respond: () => ({ refusal: 'I will not.' }) }, async (server) => {
      const [choice] = (await create(server)).choices;
      assert.equal(choice?.message.content, null);
      assert.equal(choice?.message.refusal, 'I will not.');
    }));
});

describe('a turn of HTTP', () => {
  it('with a status is a raw answer and no refusal of the server', () =>
    withServer({ respond: () => ({ status: 429 }) }, async (server) => {
      await assert.rejects(create(server), OpenAI.RateLimitError);
      assert.equal(server.requests.length, 1);
      assert.deepEqual(server.refusals, []);
    }));

  it('with a body alone is an odd 200', async () => {
    for (const odd of [{ choices: [] }, { error: { message: 'hm' } }, null]) {
      await withServer({ respond: () => ({ body: odd }) }, async (server) => {
        assert.deepEqual(await asking(server, user()), { status: 200, answer: odd });
      });
    }
  });
});

describe('a turn that is made on the spot', () => {
  it('can be a function of the request, also in a script', () =>
    withServer(
      {
        agents: {
          Leader: [
            async ({ agent, messages }) =>
              () =>
                `${agent}: ${messages.length}`,
          ],
        },
      },
      async (server) => {
        assert.equal(await spoken(server, system('Leader'), user()), 'Leader: 2');
      },
    ));

  it('from respond comes before the script, which comes next where there is none', () =>
    withServer(
      {
        agents: { Leader: ['scripted'] },
        respond: ({ messages }) => (messages.length > 2 ? 'mine' : undefined),
      },
      async (server) => {
        assert.equal(await spoken(server, system('Leader'), user()), 'scripted');
        assert.equal(await spoken(server, system('Leader'), user(), user()), 'mine');
      },
    ));

  it('that throws is an error that says so and is noted', () =>
    withServer(
      {
        respond: () => {
          throw new Error('no such table');
        },
      },
      async (server) => {
        const { status, answer } = await asking(server, system('Leader'), user());
        assert.equal(status, 400);
        assert.equal(answer.error.message, 'Turn 0 of agent "Leader" failed: no such table');
        assert.equal(server.refusals[0]?.message, answer.error.message);
      },
    ));

  it('that cannot be written is an error and not the end of the server', () =>
    withServer({ respond: () => ({ body: 1n }) }, async (server) => {
      assert.equal((await asking(server, user())).status, 400);
      assert.equal((await asking(server, user())).status, 400);
    }));

  it('waits as long as it is told', () =>
    withServer({ respond: () => ({ text: 'late', delayMs: 60 }) }, async (server) => {
      const begun = performance.now();
      assert.equal(await spoken(server, user()), 'late');
      assert.ok(performance.now() - begun >= 55);
    }));
});
