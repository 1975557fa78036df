/** The frame of every view: where you are, how many questions wait, and whether the server is there. */
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { reachable, signedOut } from './api.ts';
import { Inbox } from './inbox/inbox.tsx';
import { inbox, watchInbox } from './inbox/open-questions.ts';
import { count } from './log/words.ts';
import { hrefOf, type Route, route } from './route.ts';
import { SignIn } from './sign-in.tsx';
import { useCell } from './state.ts';
import { Conversation } from './talk/conversation.tsx';
import { Start } from './talk/start.tsx';

export function App() {
  const shown = useCell(route);
  const asksWho = useCell(signedOut);
  useEffect(watchInbox, [asksWho]);
  useTitle(shown);
  return (
    <>
      <Top shown={shown} />
      <main id="main" tabIndex={-1}>
        {asksWho ? <SignIn /> : <View shown={shown} />}
      </main>
    </>
  );
}

function View({ shown }: { readonly shown: Route }) {
  switch (shown.view) {
    case 'start':
      return <Start />;
    case 'run':
      return <Conversation runId={shown.runId} tab={shown.tab} />;
    case 'inbox':
      return <Inbox />;
  }
}

function Top({ shown }: { readonly shown: Route }) {
  const isThere = useCell(reachable);
  const { questions, hasMore } = useCell(inbox);
  const waiting = `${questions.length}${hasMore ? '+' : ''}`;
  return (
    <header class="top">
      <a class="skip" href={hrefOf(shown)} onClick={toMain}>
        Skip to the content
      </a>
      <a class="brand" href="#/">
        Cadenza
      </a>
      <nav aria-label="Views">
        <a href="#/" aria-current={shown.view === 'inbox' ? undefined : 'page'}>
          Talk
        </a>
        <a href="#/inbox" aria-current={shown.view === 'inbox' ? 'page' : undefined}>
          Inbox
          {questions.length > 0 && (
            <span class="badge">
              {waiting}
              <span class="unseen"> open {questions.length === 1 ? 'question' : 'questions'}</span>
            </span>
          )}
        </a>
      </nav>
      <p class="connection" role="status">
        {isThere ? '' : 'Reconnecting…'}
      </p>
    </header>
  );
}

function toMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** The title tells in another tab that somebody waits; another view is seen from its top. */
function useTitle(shown: Route): void {
  const { questions } = useCell(inbox);
  const waiting = questions.length > 0 ? `(${count(questions.length, 'question')}) ` : '';
  useEffect(() => {
    document.title = `${waiting}${shown.view === 'inbox' ? 'Inbox · ' : ''}Cadenza`;
  }, [waiting, shown.view]);
  const place = `${shown.view} ${shown.view === 'run' ? shown.tab : ''}`;
  const before = useRef(place);
  // Before a view leads to what is meant in it.
  useLayoutEffect(() => {
    if (before.current === place) return;
    before.current = place;
    window.scrollTo(0, 0);
    if (document.activeElement === document.body) toMain(new Event('moved'));
  }, [place]);
}
