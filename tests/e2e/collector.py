"""A strict collector: OTLP/HTTP with JSON on loopback, each body held to OpenTelemetry's own schema.

It prints one line of JSON for its port and one for each body. OTLP's JSON is protobuf's, except that ids
are hexadecimal, enums are numbers, and names are in lowerCamelCase alone (opentelemetry.io, OTLP 1.7,
read 2026-11-22). A body that breaks a rule gets HTTP 400. Paths: /v1/traces, /v1/metrics; below /busy
the first two requests of each kind get 503 with Retry-After, below /no all get 403.
"""

import base64
import http.server
import json
import re
import sys
import threading

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

KINDS = {
    "traces": trace_service_pb2.ExportTraceServiceRequest,
    "metrics": metrics_service_pb2.ExportMetricsServiceRequest,
}
IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}
ENUMS = {"kind", "code", "aggregationTemporality"}
LONG = {"startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "intValue", "count"}

printing = threading.Lock()


def for_protobuf(name, value):
    """The same for protobuf's own reader, which wants ids in base64; breaks where a rule of OTLP is."""
    if isinstance(value, dict):
        for key in value:
            if "_" in key:
                raise ValueError(f"{key}: not in lowerCamelCase")
        return {key: for_protobuf(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [for_protobuf(name, inner) for inner in value]
    if name in IDS:
        if not re.fullmatch(r"[0-9a-f]{%d}" % IDS[name], value) or set(value) == {"0"}:
            raise ValueError(f"{name}: found {value!r}, wanted {IDS[name]} hexadecimal digits")
        return base64.b64encode(bytes.fromhex(value)).decode()
    if name in ENUMS and not isinstance(value, int):
        raise ValueError(f"{name}: found {value!r}, wanted a number")
    if name in LONG and not (isinstance(value, str) and re.fullmatch(r"\d+", value)):
        raise ValueError(f"{name}: found {value!r}, wanted digits in a text")
    return value


def checked(kind, body):
    message = json_format.ParseDict(for_protobuf("", json.loads(body)), KINDS[kind]())
    if kind == "traces":
        for resource in message.resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    if not span.name or len(span.trace_id) != 16 or len(span.span_id) != 8:
                        raise ValueError("a span without name or ids")
                    if span.end_time_unix_nano < span.start_time_unix_nano:
                        raise ValueError("a span that ends before it begins")
    else:
        for resource in message.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.histogram.data_points:
                        if len(point.bucket_counts) != len(point.explicit_bounds) + 1:
                            raise ValueError(f"{metric.name}: buckets and bounds do not fit")
                        if sum(point.bucket_counts) != point.count:
                            raise ValueError(f"{metric.name}: the buckets do not add up to the count")
                        if metric.histogram.aggregation_temporality not in (1, 2):
                            raise ValueError(f"{metric.name}: no temporality")
    return json_format.MessageToDict(message)


class Collector(http.server.BaseHTTPRequestHandler):
    busy = {}

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Access-Control-Allow-Headers", "content-type, x-collector-key")
        self.send_header("Access-Control-Expose-Headers", "retry-after")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_OPTIONS(self):
        self.answer(204)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        kind = self.path.rsplit("/", 1)[-1]
        said = {"kind": kind, "path": self.path, "key": self.headers.get("x-collector-key")}
        status, answer, headers = 200, b'{"partialSuccess":{}}', {}
        if self.path.startswith("/no/"):
            status = 403
        elif self.path.startswith("/busy/") and self.busy.setdefault(kind, 0) < 2:
            self.busy[kind] += 1
            status, headers = 503, {"Retry_After": "0"}
        else:
            try:
                if self.headers.get("content-type") != "application/json":
                    raise ValueError("content-type: wanted application/json")
                said["message"] = checked(kind, body)
            except Exception as error:  # Whatever breaks, the test is to hear of it.
                status, said["error"] = 400, str(error)
        said["status"] = status
        with printing:  # Two at once would be cut into each other.
            print(json.dumps(said), flush=True)
        self.answer(status, answer if status == 200 else b"{}", **headers)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
