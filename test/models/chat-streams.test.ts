/** Odd streams of Chat Completions: a turn, a retry, or a clean failure, wherever they are cut off. */
import { chatCalls } from './streams/chat-calls.ts';
import { chatForms } from './streams/chat-forms.ts';
import { chatOneId } from './streams/chat-one-id.ts';
import { chatUnclear } from './streams/chat-unclear.ts';
import { testStreams } from './streams/stream-checks.ts';

testStreams([...chatForms, ...chatCalls, ...chatOneId, ...chatUnclear]);
