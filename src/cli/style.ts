/** The stylesheet of the command line's pages; the drop area brings its own. */
export const style = `:root {
  color-scheme: light dark;
  --paper: #fff;
  --ink: #1c2024;
  --quiet: #5b636b;
  --line: #d5dadf;
  --accent: #0b5cad;
  --wrong: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b;
    --ink: #e8eaed;
    --quiet: #a3abb3;
    --line: #394047;
    --accent: #7db8f5;
    --wrong: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 52rem; margin: 0 auto; padding: clamp(1rem, 4vw, 3rem); }
h1 { margin: 0 0 1rem; font-size: clamp(1.4rem, 5vw, 2rem); line-height: 1.2; }
h2 { margin: 2.5rem 0 0.5rem; font-size: 1.1rem; }
a { color: var(--accent); }
.quiet, .files span, .files time { color: var(--quiet); }
.files ul { margin: 0; padding: 0; list-style: none; }
.files li {
  display: grid;
  grid-template-columns: minmax(0, 1fr) 6.5rem 12.5rem;
  gap: 0 1rem;
  padding: 0.5rem 0;
  border-top: 1px solid var(--line);
  font-variant-numeric: tabular-nums;
}
.files a { overflow-wrap: anywhere; }
.files span, .files time { text-align: right; white-space: nowrap; }
@media (max-width: 40rem) {
  .files li { grid-template-columns: auto 1fr; }
  .files a { grid-column: 1 / -1; padding: 0.25rem 0; }
  .files span, .files time { font-size: 0.875rem; text-align: left; }
}
.token { display: grid; gap: 0.75rem; max-width: 20rem; }
.token input, .token button {
  min-height: 2.75rem;
  padding: 0.5rem 0.75rem;
  border: 1px solid var(--quiet);
  border-radius: 0.375rem;
  background: transparent;
  color: inherit;
  font: inherit;
}
.token button { border-color: var(--accent); color: var(--accent); font-weight: 600; cursor: pointer; }
.token p { margin: 0; color: var(--wrong); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`
