"""Posts a file as people do with the standard library: http-client.py PORT FILE NAME."""
import http.client
import sys
import uuid

port, path, name = int(sys.argv[1]), sys.argv[2], sys.argv[3]
boundary = uuid.uuid4().hex
head = (
    f"--{boundary}\r\n"
    f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
)
with open(path, "rb") as file:
    body = head.encode() + file.read() + f"\r\n--{boundary}--\r\n".encode()
connection = http.client.HTTPConnection("127.0.0.1", port)
connection.request("POST", "/uploads", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
answer = connection.getresponse()
print(answer.status)
