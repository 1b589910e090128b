/** Of the page that a report is: on a screen, and on paper with its head on every page and no column cut. */
export const REPORT_STYLE = `
:root { color-scheme: light; --line: #d0d4d9; --soft: #5b6470; }
* { box-sizing: border-box; }
body { margin: 1.5rem auto; max-width: 100rem; padding: 0 1.5rem; color: #1b1f24; background: #fff; font: 14px/1.4 system-ui, "Segoe UI", Roboto, sans-serif; }
h1 { margin: 0; font-size: 1.5rem; } h2 { margin: 1.75rem 0 .5rem; font-size: 1.1rem; break-after: avoid; }
p { margin: .25rem 0; } .span { font-size: 1.05rem; } .lead { font-weight: 600; } .made, footer { color: var(--soft); font-size: .85em; }
.missing { margin: .75rem 0; padding: .5rem .75rem; border: 1px solid #b42318; border-left-width: 5px; background: #fef3f2; break-inside: avoid; }
.missing ul { margin: .25rem 0 0; padding-left: 1.25rem; }
table { width: 100%; border-collapse: collapse; } .rows { table-layout: fixed; }
th, td { padding: .35rem .45rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead { display: table-header-group; } thead th { border-bottom: 2px solid #1b1f24; font-size: .85em; vertical-align: bottom; }
tr { break-inside: avoid; } a { color: #0550ae; }
.totals td, .totals thead th { text-align: right; } .totals thead th:first-child { text-align: left; } .totals th { font-weight: 600; overflow-wrap: normal; }
.totals th[colspan] { border-left: 1px solid var(--line); text-align: left; } .totals .zero { color: #8b939d; } .sum th, .sum td { border-top: 2px solid #1b1f24; font-weight: 700; }
.day { white-space: nowrap; } .small { color: var(--soft); font-size: .87em; }
.when { width: 9%; } .what { width: 12%; } .run { width: 17%; } .who { width: 11%; } .duty { width: 11%; } .rules { width: 14%; } .outcome { width: 15%; }
.rows tr > td:first-child { border-left: 5px solid transparent; } .rows .good > td:first-child { border-left-color: #1a7f37; }
.rows tr.bad > td:first-child { border-left-color: #b42318; } .rows tr.bad strong, td.bad { color: #b42318; } .rows tr.odd > td:first-child { border-left-color: #b54708; } .rows tr.odd strong, td.odd { color: #93370d; }
footer { margin-top: 1.5rem; padding-top: .5rem; border-top: 1px solid var(--line); }
@page { size: A4 landscape; margin: 12mm 10mm 14mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt system-ui, sans-serif; color: #5b6470; } }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 8.5pt; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
}
`;
