/** Asks for the token by which the server knows who you are. */
import { useId, useState } from 'preact/hooks';
import { hasToken, signIn } from './api.ts';

export function SignIn() {
  const [token, setToken] = useState('');
  const id = useId();
  const [trouble, setTrouble] = useState(hasToken() ? 'The server does not know this token.' : '');
  const submit = (event: Event) => {
    event.preventDefault();
    // Nothing else can be sent in a header.
    if (/^[\x21-\x7e]+$/.test(token.trim())) signIn(token.trim());
    else setTrouble('A token is made of letters, digits and signs, without a space.');
  };
  return (
    <form class="narrow sign-in" onSubmit={submit}>
      <h1>Sign in</h1>
      <p>This server wants to know who you are. The token is kept until you close this tab.</p>
      <div class="field">
        <label for={id}>Access token</label>
        <input
          id={id}
          type="password"
          autocomplete="off"
          value={token}
          aria-describedby={trouble ? `${id}-trouble` : undefined}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        {trouble && (
          <p class="misfit" id={`${id}-trouble`} role="alert">
            {trouble}
          </p>
        )}
      </div>
      <button type="submit" class="main">
        Sign in
      </button>
    </form>
  );
}
