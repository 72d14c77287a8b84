/** The report's style sheet: one column, readable on paper and on a phone, light or dark by preference. */
export const styles = `
:root { --ink: #1d2430; --soft: #5b6675; --line: #d8dde4; --paper: #ffffff; --card: #f6f8fa; --good: #00734f; --bad: #b3261e; --open: #8a5a00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --soft: #9aa6b5; --line: #343c48; --paper: #14181e; --card: #1b212a; --good: #3fc796; --bad: #ff7a70; --open: #e5b454; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 54rem; padding: 1.5rem 1.25rem 3rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0.4rem 0; letter-spacing: -0.01em; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 0.2rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 0 0 0.4rem; }
.summary { font-size: 1.05rem; color: var(--soft); margin: 0.2rem 0 1rem; }
.meta, figcaption, .unit, footer, nav span { color: var(--soft); font-size: 0.88rem; }
nav ol { padding-left: 1.3rem; margin: 0.5rem 0; }
a { color: inherit; }
code, pre { font: 0.85rem/1.45 ui-monospace, monospace; }
pre { background: var(--card); padding: 0.75rem 1rem; overflow-x: auto; border-radius: 6px; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
caption { text-align: left; font-weight: 600; padding: 0 0 0.35rem; }
th, td { text-align: left; padding: 0.4rem 0.7rem 0.4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td:last-child, th:last-child { padding-right: 0; }
.claims td:nth-child(2), .claims td:nth-child(3) { white-space: nowrap; font-variant-numeric: tabular-nums; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.number { white-space: normal; }
.verdict { font-weight: 600; white-space: nowrap; }
.holds { color: var(--good); } .fails { color: var(--bad); } .undecided { color: var(--open); }
figure { margin: 1.4rem 0; padding: 1rem 1.1rem; background: var(--card); border-radius: 8px; break-inside: avoid; }
.plot svg { width: 100%; height: auto; display: block; color: var(--ink); }
figcaption { margin-top: 0.5rem; }
details { margin: 1rem 0; } summary { cursor: pointer; color: var(--soft); }
footer { margin-top: 3rem; border-top: 1px solid var(--line); }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } details { display: none; } figure { border: 1px solid var(--line); } }
`;
