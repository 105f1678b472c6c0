"""moto_server, and a recorder of what is asked of it."""

import http.client
import http.server
import pathlib
import socket
import subprocess
import sys
import threading
import time

import boto3
import pytest
import translation

LIMIT = 120


def until(what, condition):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.2)
    pytest.fail(f"not within {LIMIT} s: {what}")


class Moto:
    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        with open(folder / "moto.log", "w") as log:
            program = pathlib.Path(sys.executable).parent / "moto_server"
            self.process = subprocess.Popen(
                [program, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=subprocess.STDOUT
            )
        until("moto_server answers", self.answers)

    def answers(self):
        assert self.process.poll() is None, "moto_server has ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(self.url.rsplit(":", 1)[1]))) == 0

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=translation.PSEUDO["AWS::Region"],
            aws_access_key_id="rehearsal",
            aws_secret_access_key="rehearsal",
        )

    def close(self):
        self.process.terminate()
        self.process.wait(LIMIT)


class Recorder:
    """Hands calls on to moto and notes which ones they were."""

    def __init__(self, target):
        self.calls = []
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                recorder.calls.append(self.headers["X-Amz-Target"])
                body = self.rfile.read(int(self.headers["Content-Length"]))
                to_moto = http.client.HTTPConnection(target.removeprefix("http://"))
                to_moto.request("POST", self.path, body, dict(self.headers))
                answer = to_moto.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "content-length", "date", "server", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
