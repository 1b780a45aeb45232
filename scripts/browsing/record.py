"""What a browser asked of an application, as lines of JSON: an addon of mitmproxy (mitmproxy.org).

    mitmdump -s scripts/browsing/record.py --set into=FOLDER --mode reverse:http://127.0.0.1:9001@8101 …

One file a listening port. Hosts are rewritten to example names, so that no machine's address stands in the corpus.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from mitmproxy import ctx, http  # type: ignore[import-not-found] # in the recorder's own environment

_LONGEST_BODY = 16_384
_OUR_HEADERS = frozenset({"proxy-connection"})


class Recorder:
    """Writes each request once its body has come."""

    def load(self, loader: object) -> None:
        loader.add_option("into", str, "", "where the lines go")  # type: ignore[attr-defined]

    def request(self, flow: http.HTTPFlow) -> None:
        request = flow.request
        port = flow.client_conn.sockname[1]
        headers = [
            [name, _elsewhere(value, port)]
            for name, value in request.headers.items(multi=True)
            if name.lower() not in _OUR_HEADERS
        ]
        line: dict[str, object] = {
            "method": request.method,
            "target": _elsewhere(request.path, port),
            "headers": headers,
        }
        body = _elsewhere((request.raw_content or b"")[:_LONGEST_BODY].decode("latin-1"), port).encode("latin-1")
        try:
            if body:
                line["body"] = body.decode("utf-8")
        except UnicodeDecodeError:
            line["body_base64"] = base64.b64encode(body).decode("ascii")
        with (Path(ctx.options.into) / f"{port}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _elsewhere(text: str, port: int) -> str:
    for colon in (":", "%3A", "%253A"):
        for host in ("localhost", "127.0.0.1"):
            text = text.replace(f"{host}{colon}{port}", "app.example.com")
    return text


addons = [Recorder()]
