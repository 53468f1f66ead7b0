"""Posts a file with the requests library: requests-client.py PORT FILE NAME."""
import sys

import requests

port, path, name = sys.argv[1:]
with open(path, "rb") as file:
    print(requests.post(f"http://127.0.0.1:{port}/uploads", files={"file": (name, file)}).status_code)
