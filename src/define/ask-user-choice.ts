/** The built-in tool by which a model offers the person choices. */
import * as z from 'zod';
import type { QuestionDraft } from '../questions/question.ts';
import { checkTimes, type QuestionTimes } from './deadline.ts';
import type { QuestionTool } from './tool.ts';

const text = (max: number) => z.string().min(1).max(max);

const input = z.object({
  questions: z
    .array(
      z.object({
        question: text(2_000).describe('The question to the user, in a full sentence.'),
        header: text(60).optional().describe('A few words that name the question.'),
        options: z
          .array(
            z.object({
              label: text(200).describe('What is chosen, in a few words.'),
              description: text(1_000).optional().describe('What choosing it means.'),
            }),
          )
          .min(2)
          .max(20)
          .refine(
            (options) => new Set(options.map(({ label }) => label)).size === options.length,
            'has two options of one label',
          ),
        multi_select: z.boolean().optional().describe('Whether several may be chosen.'),
      }),
    )
    .min(1)
    .max(10)
    .refine(
      (questions) => new Set(questions.map(({ question }) => question)).size === questions.length,
      'has the same question twice',
    ),
});

/**
 * The tool `ask_user`: the model offers options with descriptions, the person chooses one or several
 * of each, and the choices become the result of the call, by field name: `question_1`, …
 *
 * Limits: 10 questions, 20 options each.
 *
 * @param times how long its questions stay open, and when to remind of them; default: for ever
 * @throws DefinitionError `limit_unusable`
 */
export function askUserChoice(times: QuestionTimes = {}): QuestionTool {
  checkTimes('Tool "ask_user"', times);
  return Object.freeze({
    kind: 'question',
    name: 'ask_user',
    description: 'Lets the user choose between options, and returns what was chosen.',
    input,
    question: (args: unknown): QuestionDraft => ({
      reason: 'input_required',
      prompt: 'Please choose.',
      fields: (args as z.output<typeof input>).questions.map((one, index) => ({
        name: `question_${index + 1}`,
        type: one.multi_select ? 'choices' : 'choice',
        label: one.header ? `${one.header}: ${one.question}` : one.question,
        required: true,
        choices: one.options.map(({ label }) => label),
        descriptions: Object.fromEntries(
          one.options.flatMap(({ label, description }) =>
            description === undefined ? [] : [[label, description]],
          ),
        ),
      })),
      ...times,
    }),
  });
}
