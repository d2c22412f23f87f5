"""The login page: one self-contained document, because files are behind the door too."""

from html import escape
from pathlib import Path
from urllib.parse import quote

_LOGO = (Path(__file__).parents[1] / "assets" / "favicon.svg").read_text(encoding="utf-8").strip()
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Log in · Tideline</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="data:image/svg+xml,{icon}">
<style>
:root{{--ground:#f6f7f9;--surface:#fff;--line:#e3e6eb;--text:#171c24;--muted:#667085;--accent:#0f7f90;
--on-accent:#fff;--wrong:#c62f2f}}
@media (prefers-color-scheme:dark){{:root{{--ground:#0c1016;--surface:#131920;--line:#252d38;
--text:#e7eaee;--muted:#8b94a3;--accent:#43b4c4;--on-accent:#06262b;--wrong:#f4797b}}}}
*{{box-sizing:border-box}}
body{{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);
color:var(--text);font:15px/1.5 Inter,system-ui,sans-serif}}
form{{width:min(352px,calc(100vw - 32px));padding:32px;background:var(--surface);
border:1px solid var(--line);border-radius:14px;box-shadow:0 8px 32px rgba(16,24,40,.06)}}
svg{{display:block;width:36px;height:36px;margin-bottom:16px}}
h1{{margin:0 0 4px;font-size:20px;letter-spacing:-.02em}}
p{{margin:0 0 20px;color:var(--muted)}}
label{{display:block;margin-bottom:6px;font-size:13px;font-weight:550}}
input{{width:100%;padding:10px 12px;font:inherit;color:inherit;background:var(--ground);
border:1px solid var(--line);border-radius:8px}}
input:focus{{outline:2px solid var(--accent);outline-offset:-1px;border-color:transparent}}
button{{width:100%;margin-top:16px;padding:10px;font:inherit;font-weight:600;color:var(--on-accent);
background:var(--accent);border:0;border-radius:8px;cursor:pointer}}
[role=alert]{{margin:12px 0 0;color:var(--wrong);font-size:14px}}
</style></head>
<body><form method="post" action="/login">
{logo}<h1>Tideline</h1><p>Log in to see the dashboard.</p>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
autofocus><input type="hidden" name="next" value="{target}">{problem}
<button type="submit">Log in</button>
</form></body></html>"""


def login_page(target: str, problem: str = "") -> str:
    """HTML of the login form that goes on to `target`; `problem` says why it is shown again."""
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    icon = quote(_LOGO, safe=" =:/'")
    return _PAGE.format(target=escape(target, quote=True), problem=alert, logo=_LOGO, icon=icon)
