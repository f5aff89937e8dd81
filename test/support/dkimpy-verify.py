"""Verifies DKIM signatures with dkimpy, a second implementation, without DNS.

stdin: one JSON line {"message": base64, "keys": {"name.": "TXT record"}} per message.
stdout: one JSON line per message, an array of booleans, one per DKIM-Signature, top to bottom.
"""
import base64
import json
import sys

import dkim

for line in sys.stdin:
    request = json.loads(line)
    message = base64.b64decode(request["message"])
    keys = {name.rstrip(".").lower(): record for name, record in request["keys"].items()}

    def lookup(name, timeout=5):
        text = name.decode() if isinstance(name, bytes) else name
        return keys.get(text.rstrip(".").lower(), "").encode()

    verifier = dkim.DKIM(message, minkey=1024)
    count = sum(1 for name, _ in verifier.headers if name.lower() == b"dkim-signature")
    results = []
    for index in range(count):
        try:
            results.append(bool(dkim.DKIM(message, minkey=1024).verify(idx=index, dnsfunc=lookup)))
        except dkim.DKIMException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            results.append(False)
    print(json.dumps(results), flush=True)
