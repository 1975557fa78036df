/** What must hold for side effects: each happened just as often as the rows and the person allow. */
import assert from 'node:assert/strict';
import type { Answer } from '../../machines/vocabulary.ts';
import { limits } from './lives.ts';
import type { CallRow, EffectRow, QuestionRow, SavedRows } from './saved-rows.ts';
import { type Entry, kindOf, outputOf } from './toolbox.ts';

/** Asserts it of every call of a run, for what tools wrote down and a number of lives. */
export function checkSideEffects(rows: SavedRows, entries: readonly Entry[], lives: number): void {
  const byKey = Map.groupBy(entries, ({ key }) => key);
  const known = new Set(rows.effects.map(({ id }) => id));
  for (const key of byKey.keys()) assert.ok(known.has(key), `nobody asked for effect ${key}`);
  for (const call of rows.calls) {
    const effects = rows.effects.filter((one) => one.kind === 'runTool' && one.path === call.path);
    const asked = rows.questions.filter((question) => question.call === call.path);
    const own = entries.filter(({ key }) => effects.some(({ id }) => id === key));
    if (!mayRun(call, asked)) {
      assert.deepEqual(own, [], `${call.name} at ${call.path} ran though nobody let it`);
      assert.deepEqual(effects, [], `${call.name} at ${call.path} was to run`);
    }
    for (const effect of effects) checkEffect(effect, byKey.get(effect.id) ?? [], asked, lives);
    checkCount(call, asked, effects.length);
    for (const entry of own) checkGiven(call, asked, entry);
    if (call.source === 'tool') checkResult(call, asked, own);
  }
}

/** Whether anybody or anything allowed the tool to run at all. */
function mayRun({ intent }: CallRow, [first]: readonly QuestionRow[]): boolean {
  if (intent === 'tool') return true;
  if (intent !== 'heldTool' || !first) return false;
  const answer = answerOf(first);
  return answer !== undefined && (first.reason !== 'approval' || answer['approved'] === true);
}

/** The person's answer, or the one that was given beforehand if nobody answered in time. */
function answerOf({ status, answer, onExpiry }: QuestionRow): Answer | undefined {
  if (status === 'answered') return answer ?? undefined;
  if (status !== 'expired' || onExpiry === null || typeof onExpiry === 'string') return undefined;
  return onExpiry.answer;
}

/** Each try was begun with one key, and no try was begun that nobody may begin. */
function checkEffect(
  { id, attempt, repeatable, status }: EffectRow,
  entries: readonly Entry[],
  asked: readonly QuestionRow[],
  lives: number,
): void {
  const again = asked.filter(({ answer }) => answer?.['outcome'] === 'run_it_again').length;
  const allowed = repeatable === 1 ? lives : 1 + again;
  assert.ok(attempt <= allowed, `effect ${id} was begun ${attempt} times; allowed are ${allowed}`);
  assert.ok(
    entries.length <= attempt,
    `effect ${id} happened ${entries.length} times in ${attempt} tries`,
  );
  if (status === 'done') assert.ok(entries.length >= 1, `effect ${id} is done but never happened`);
  const lost = lives - 1;
  if (status === 'done') assert.ok(entries.length >= attempt - lost, `effect ${id} lost a try`);
}

/** A tool has one effect for its first run and one for every answer to what its body asked. */
function checkCount(call: CallRow, asked: readonly QuestionRow[], count: number): void {
  const settled = asked.filter(
    (one) => one.reason === 'input_required' && answerOf(one) !== undefined,
  );
  const holding = call.intent === 'heldTool' && asked[0]?.reason === 'input_required' ? 1 : 0;
  const first = mayRun(call, asked) ? 1 : 0;
  const allowed = first + (first ? settled.length - holding : 0);
  assert.ok(count <= allowed, `${call.path} has ${count} effects; allowed are ${allowed}`);
}

/** A tool gets the arguments and the answers of its own call, and of no other. */
function checkGiven(call: CallRow, asked: readonly QuestionRow[], entry: Entry): void {
  assert.equal(entry.tool, call.name);
  assert.equal(entry.toolCallId, call.id);
  const kind = kindOf(call.name);
  const given = asked
    .filter(({ reason }) => reason !== 'outcome_unknown')
    .flatMap((one) => {
      const answer = answerOf(one);
      return answer ? [answer] : [];
    });
  const [holding, inBody] = call.intent === 'heldTool' ? [given[0], given.slice(1)] : [{}, given];
  assert.deepEqual(entry.input, holding?.['arguments'] ?? JSON.parse(call.arguments));
  const names = Object.keys(kind?.askUser?.shape ?? {});
  const filledIn = Object.entries(holding ?? {}).filter(([name]) => names.includes(name));
  assert.deepEqual(entry.user, Object.fromEntries(filledIn), `what ${call.path} is told`);
  // Answers that came later are not known to an earlier entry.
  assert.deepEqual(entry.answers, inBody.slice(0, entry.answers.length));
}

/** The result that the model reads is that of this call's own work. */
function checkResult(call: CallRow, asked: readonly QuestionRow[], own: readonly Entry[]): void {
  const last = own.at(-1);
  assert.ok(last, `${call.path} has a tool's result, but its tool never ran`);
  const kind = kindOf(call.name);
  const changed = asked.some(({ answer }) => answer?.['arguments'] !== undefined);
  const text = call.result ?? '';
  if (kind?.throws) {
    assert.ok(/^(No table is free\.|The tool failed\.)$/.test(text), text);
    return;
  }
  // What the body asked was one question too many: see `checkLimits`.
  if (kind?.asks && text === `The run has asked all ${limits.questions} questions it may ask.`)
    return;
  const output = outputOf(call.name, last.input.n);
  assert.equal(text.endsWith(output), true, `${call.path} answers "${text}"`);
  assert.equal(text !== output, changed, 'the model is told of changed arguments, and only then');
  assert.equal(last.answers.length, kind?.asks ?? 0, 'the last entry has every answer');
}
