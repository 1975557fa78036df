/** The look of the docs page: a column on a phone, an index beside it on a desk, light or dark. */
export const docsStyle = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1d1d21, #e6e6ea);
  --soft: light-dark(#5c5c66, #a2a2ad);
  --line: light-dark(#d9d9e0, #3a3a42);
  --back: light-dark(#ffffff, #17171a);
  --code: light-dark(#f3f3f6, #232328);
  --link: light-dark(#1f5fbf, #8ab4f8);
}
* { box-sizing: border-box; }
body {
  max-width: 72rem; margin: 0 auto; padding: 1rem;
  background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
a { color: var(--link); }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; background: var(--code); border-radius: 3px; }
code { padding: 0.1em 0.3em; }
pre { padding: 0.75rem; white-space: pre-wrap; }
small, caption { color: var(--soft); }
nav h2 { font-size: 1rem; margin: 1rem 0 0; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: 0.25rem 0; text-decoration: none; }
section { border-top: 1px solid var(--line); padding: 0.5rem 0 1rem; scroll-margin-top: 1rem; }
section:target { border-top-color: var(--link); }
table { width: 100%; border-collapse: collapse; margin: 0.75rem 0; }
caption { text-align: left; padding: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.5rem 0.4rem 0; border-top: 1px solid var(--line); }
th { font-weight: normal; width: 12rem; }
td p { margin: 0.15rem 0 0; color: var(--soft); }
@media (max-width: 40rem) { th, td { display: block; width: auto; } td { border-top: 0; } }
@media (min-width: 64rem) {
  body { display: grid; grid-template-columns: 18rem minmax(0, 1fr); gap: 0 2rem; }
  header { grid-column: 1 / -1; }
  nav { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; }
}
`;
