"""The style of the HTML page: light and dark, screen and paper, every colour pair at 4.5:1 or more (WCAG 2.2 AA)."""

LIGHT = {
    "ink": "#1c1c1a",
    "paper": "#fdfdfb",
    "card": "#f6f5f1",
    "rule": "#d3d1ca",
    "faint": "#5c5b56",
    "del-ink": "#84190f",
    "del": "#fbe3e0",
    "ins-ink": "#124a27",
    "ins": "#dcf2e2",
    "high": "#84190f",
    "medium": "#7a4a00",
    "low": "#1d4f73",
    "editorial": "#5c5b56",
}
DARK = {
    "ink": "#e8e6e1",
    "paper": "#191917",
    "card": "#232320",
    "rule": "#45443f",
    "faint": "#a9a7a0",
    "del-ink": "#ffb4a9",
    "del": "#4a1c18",
    "ins-ink": "#a7e3b8",
    "ins": "#173b24",
    "high": "#ffb4a9",
    "medium": "#f0c274",
    "low": "#9fcdf0",
    "editorial": "#a9a7a0",
}
PAIRS = (
    *(
        (name, ground)
        for name in ("ink", "faint", "high", "medium", "low", "editorial")
        for ground in ("paper", "card")
    ),
    ("del-ink", "del"),
    ("ins-ink", "ins"),
)
"""Ink and ground as they meet on the page."""


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colours.items())


STYLE = f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.55 Georgia, "Times New Roman", serif;
  overflow-wrap: anywhere; }}
main {{ max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }}
h1 {{ font-size: 1.65rem; line-height: 1.25; margin: .25rem 0 .75rem; max-width: 45rem; }}
h2 {{ font-size: 1.2rem; margin: 2.5rem 0 .5rem; }}
h3 {{ font-size: 1.05rem; line-height: 1.35; margin: 0 0 .35rem; }}
h4, th, dt, .meta, .badge, .kicker, nav, footer {{ font-family: system-ui, sans-serif; }}
h4 {{ font-size: .8rem; margin: 1rem 0 .25rem; color: var(--faint); }}
p {{ margin: .5rem 0; max-width: 45rem; }}
a {{ color: inherit; }}
.kicker, .meta, .faint, footer {{ color: var(--faint); font-size: .85rem; }}
.verdict {{ font-size: 1.05rem; }}
.badge {{ display: inline-block; border: 1.5px solid; border-radius: .25rem; padding: 0 .4rem; font-size: .75rem;
  font-weight: 700; text-transform: uppercase; letter-spacing: .03em; }}
.high {{ color: var(--high); }} .medium {{ color: var(--medium); }} .low {{ color: var(--low); }}
.editorial {{ color: var(--editorial); }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; font-size: .9rem; margin: 1rem 0; }}
dt {{ color: var(--faint); font-size: .85rem; }} dd {{ margin: 0; }}
nav h2 {{ font-family: Georgia, "Times New Roman", serif; }} nav ol {{ padding-left: 1.5rem; font-size: .9rem; }}
section.change {{ border: 1px solid var(--rule); border-radius: .5rem; background: var(--card); padding: 1.1rem 1.25rem;
  margin: 1rem 0; }}
.text {{ background: var(--paper); border-left: 3px solid var(--rule); padding: .6rem .9rem; margin: .75rem 0;
  white-space: pre-wrap; }}
.sides {{ display: none; grid-template-columns: 1fr 1fr; gap: 1rem; }}
.sides h4 {{ margin-top: .75rem; }}
#view-sides:checked ~ .changes .inline {{ display: none; }}
#view-sides:checked ~ .changes .sides {{ display: grid; }}
.view {{ position: absolute; opacity: 0; }}
.view + label {{ cursor: pointer; border: 1px solid var(--rule); border-radius: .25rem; padding: .15rem .6rem;
  font: .85rem system-ui, sans-serif; margin-right: .25rem; }}
.view:checked + label {{ background: var(--ink); color: var(--paper); }}
.view:focus-visible + label {{ outline: 3px solid var(--low); outline-offset: 2px; }}
del {{ color: var(--del-ink); background: var(--del); text-decoration: line-through; }}
ins {{ color: var(--ins-ink); background: var(--ins); text-decoration: underline; text-decoration-thickness: 2px; }}
.mark {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }}
table {{ border-collapse: collapse; font-size: .9rem; margin: .75rem 0; }}
caption {{ text-align: left; font: 700 .8rem system-ui, sans-serif; color: var(--faint); }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid var(--rule); }}
th {{ font-size: .8rem; color: var(--faint); font-weight: 600; }}
ul {{ padding-left: 1.1rem; font-size: .9rem; margin: .25rem 0; }} code {{ font-size: .8rem; }}
footer {{ border-top: 1px solid var(--rule); margin-top: 3rem; padding-top: 1rem; }}
@media (max-width: 40rem) {{ .sides {{ grid-template-columns: 1fr; }} dl {{ grid-template-columns: 1fr; gap: 0; }}
  dd {{ margin-bottom: .4rem; }} }}
@media print {{ :root {{ {_variables(LIGHT)} }} main {{ max-width: none; padding: 0; }} body {{ font-size: 10.5pt; }}
  .view, .view + label {{ display: none; }} section.change {{ break-inside: auto; }}
  h2, h3, h4 {{ break-after: avoid; }} del, ins {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }} }}
"""
