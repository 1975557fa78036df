/** What OpenTelemetry is told: a tree of spans for each stretch of a run, linked over the pause. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { defineAgent, openai } from '../../src/index.ts';
import { rowsOf } from '../kit/changing.ts';
import { agents, teams } from '../kit/looking-team.ts';
import { openQuestions, testRuntime } from '../kit/runtime.ts';
import { startStrictModel } from '../kit/strict-model.ts';

const spans = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });

/** As an application does that traces. */
function register(): void {
  provider.register();
}

function unregister(): void {
  trace.disable();
  metrics.disable();
  context.disable();
}

beforeEach(() => spans.reset());
after(async () => {
  unregister();
  await provider.shutdown();
});

/** The spans of a trace as lines, each below its parent, in the order in which they began. */
function treeOf(all: readonly ReadableSpan[], parent?: string, depth = 0): string[] {
  return all
    .filter((span) => span.parentSpanContext?.spanId === parent)
    .sort((one, other) => beganAt(one) - beganAt(other))
    .flatMap((span) => [
      `${'  '.repeat(depth)}${span.name}`,
      ...treeOf(all, span.spanContext().spanId, depth + 1),
    ]);
}

function beganAt({ startTime: [seconds, nanoseconds] }: ReadableSpan): number {
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

test('a run is a tree of spans up to its pause, and another that names the first goes on after a restart', async (t) => {
  register();
  const kit = await testRuntime(t, agents, teams);
  const run = await kit.runtime.start({ message: 'PROMPT-SECRET' });
  const [question] = openQuestions(run);
  const first = spans.getFinishedSpans();
  assert.deepEqual(treeOf(first), [
    'invoke_workflow OrchestratorTeam',
    '  invoke_agent OrchestratorTeam',
    '    chat gpt-4o-mini',
    '    invoke_agent WorkerAgent',
    '      chat gpt-4o-mini',
  ]);
  const root = first.find(({ name }) => name.startsWith('invoke_workflow'));
  assert.equal(root?.attributes['cadenza.run.status'], 'input_required');
  assert.deepEqual(root?.links, []);
  spans.reset();

  const other = await kit.reopen();
  const caller = trace.getTracer('test').startSpan('POST /resume');
  const end = await context.with(trace.setSpan(context.active(), caller), () =>
    other.resume(run.id, { [question?.id ?? '']: { city: 'ANSWER-SECRET' } }),
  );
  caller.end();
  assert.equal(end.status, 'completed');
  const second = spans.getFinishedSpans();
  assert.deepEqual(treeOf(second), [
    'POST /resume',
    '  invoke_workflow OrchestratorTeam',
    '    invoke_agent OrchestratorTeam',
    '      invoke_agent WorkerAgent',
    '        chat gpt-4o-mini',
    '        execute_tool look',
    '          inside',
    '        chat gpt-4o-mini',
    '      chat gpt-4o-mini',
  ]);
  const again = second.find(({ name }) => name.startsWith('invoke_workflow'));
  assert.deepEqual(
    again?.links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
    [{ traceId: root?.spanContext().traceId, spanId: root?.spanContext().spanId }],
  );
  assert.notEqual(again?.spanContext().traceId, root?.spanContext().traceId);
  checkAttributes(second, run.id, run.sessionId);
  const told = [...first, ...second].map(({ name, attributes, events, status }) => ({
    name,
    attributes,
    events,
    status,
  }));
  assert.doesNotMatch(JSON.stringify(told), /SECRET/);
});

function checkAttributes(all: readonly ReadableSpan[], runId: string, sessionId: string): void {
  const shared = { 'gen_ai.conversation.id': sessionId, 'cadenza.run.id': runId };
  const chat = all.find(({ name }) => name.startsWith('chat'));
  assert.equal(chat?.kind, SpanKind.CLIENT);
  const {
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    'gen_ai.response.id': id,
    'server.port': port,
    ...rest
  } = chat?.attributes ?? {};
  assert.ok(Number(input) > 0 && Number(output) > 0 && Number(port) > 0);
  assert.match(String(id), /^chatcmpl-\w+$/);
  assert.deepEqual(rest, {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.response.model': 'gpt-4o-mini',
    'gen_ai.response.finish_reasons': ['tool_calls'],
    'server.address': '127.0.0.1',
    ...shared,
  });
  const tool = all.find(({ name }) => name.startsWith('execute_tool'));
  assert.equal(tool?.status.code, SpanStatusCode.ERROR);
  assert.deepEqual(tool?.attributes, {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'look',
    'gen_ai.tool.call.id': 'l',
    'gen_ai.tool.type': 'function',
    'error.type': 'TypeError',
    ...shared,
  });
  const worker = all.find(({ name }) => name === 'invoke_agent WorkerAgent');
  assert.equal(worker?.attributes['gen_ai.agent.id'], 'OrchestratorTeam/WorkerAgent');
}

test('a fallback that answers is the model that is told of, and the one that is down is not hidden', async (t) => {
  register();
  const down = await startStrictModel({ fault: { name: 'status', status: 401 } });
  t.after(() => down.close());
  const usage = { promptTokens: 90, cachedTokens: 40, completionTokens: 30, reasoningTokens: 20 };
  const kit = await testRuntime(t, { Solo: [{ text: 'done', usage }] }, (baseURL) => {
    const fallback = [openai('gpt-4o-mini', { baseURL, apiKey: 'k', provider: 'ollama' })];
    const model = openai('gpt-5', { baseURL: down.url, apiKey: 'k', fallback });
    return [defineAgent({ name: 'Solo', model })];
  });
  assert.equal((await kit.runtime.start({ message: 'Trip' })).status, 'completed');
  const { attributes = {} } = spans.getFinishedSpans().find(({ name }) => /chat/.test(name)) ?? {};
  const told = {
    'gen_ai.request.model': 'gpt-5',
    'gen_ai.response.model': 'gpt-4o-mini',
    'gen_ai.provider.name': 'ollama',
    'server.port': Number(new URL(kit.model.url).port),
    'gen_ai.usage.input_tokens': 90,
    'gen_ai.usage.cache_read.input_tokens': 40,
    'gen_ai.usage.output_tokens': 30,
    'gen_ai.usage.reasoning.output_tokens': 20,
  };
  for (const [name, value] of Object.entries(told)) assert.equal(attributes[name], value, name);
  const counted = { replies: 1, failures: 0, inputTokens: 90, outputTokens: 30 };
  const lost = { replies: 0, failures: 1, inputTokens: 0, outputTokens: 0 };
  const { models } = await kit.runtime.figures();
  assert.deepEqual(models, { 'gpt-5': lost, 'gpt-4o-mini': counted });
});

test('without an SDK a run goes on as ever, and nothing is kept of spans', async (t) => {
  unregister();
  const kit = await testRuntime(t, agents, teams);
  const run = await kit.runtime.start({ message: 'Trip' });
  const [question] = openQuestions(run);
  const end = await kit.runtime.resume(run.id, { [question?.id ?? '']: { city: 'Rome' } });
  assert.equal(end.status, 'completed');
  assert.equal(spans.getFinishedSpans().length, 0);
  const [row] = rowsOf(kit.db)['run'] as { trace: unknown }[];
  assert.equal(row?.trace, null);
});
