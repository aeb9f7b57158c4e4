"""A collector of traces and logs over HTTP and gRPC. Prints its ports, and then each span and log that it receives, as lines of JSON."""

import gzip
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs_service
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2_grpc as logs_service_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service_grpc

printing = threading.Lock()


def show(value):
    with printing:
        print(json.dumps(value), flush=True)


def value_of(value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [value_of(one) for one in value.array_value.values]
    return getattr(value, kind)


def attributes_of(pairs):
    return {pair.key: value_of(pair.value) for pair in pairs}


def take(request, protocol, headers):
    for resource_spans in request.resource_spans:
        resource = attributes_of(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                show(
                    {
                        "protocol": protocol,
                        "headers": headers,
                        "resource": resource,
                        "scope": scope_spans.scope.name,
                        "traceId": span.trace_id.hex(),
                        "spanId": span.span_id.hex(),
                        "parentSpanId": span.parent_span_id.hex(),
                        "traceState": span.trace_state,
                        "name": span.name,
                        "kind": span.kind,
                        "startNs": span.start_time_unix_nano,
                        "endNs": span.end_time_unix_nano,
                        "attributes": attributes_of(span.attributes),
                        "status": {"code": span.status.code, "message": span.status.message},
                    }
                )


def take_logs(request, protocol, headers):
    for resource_logs in request.resource_logs:
        resource = attributes_of(resource_logs.resource.attributes)
        for scope_logs in resource_logs.scope_logs:
            for record in scope_logs.log_records:
                show(
                    {
                        "log": record.event_name,
                        "protocol": protocol,
                        "headers": headers,
                        "resource": resource,
                        "timeNs": record.time_unix_nano,
                        "severity": record.severity_text,
                        "body": value_of(record.body),
                        "attributes": attributes_of(record.attributes),
                    }
                )


class Http(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.body()
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if self.path not in ("/v1/traces", "/v1/logs") or self.headers["content-type"] != "application/x-protobuf":
            self.send_error(400)
            return
        if self.path == "/v1/traces":
            take(service.ExportTraceServiceRequest.FromString(body), "http", dict(self.headers))
            answer = service.ExportTraceServiceResponse()
        else:
            take_logs(logs_service.ExportLogsServiceRequest.FromString(body), "http", dict(self.headers))
            answer = logs_service.ExportLogsServiceResponse()
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.end_headers()
        self.wfile.write(answer.SerializeToString())

    def body(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers["content-length"]))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, *_):
        pass


class Grpc(service_grpc.TraceServiceServicer):
    def Export(self, request, context):
        take(request, "grpc", dict(context.invocation_metadata()))
        return service.ExportTraceServiceResponse()


class GrpcLogs(logs_service_grpc.LogsServiceServicer):
    def Export(self, request, context):
        take_logs(request, "grpc", dict(context.invocation_metadata()))
        return logs_service.ExportLogsServiceResponse()


http = ThreadingHTTPServer(("127.0.0.1", 0), Http)
threading.Thread(target=http.serve_forever, daemon=True).start()
server = grpc.server(ThreadPoolExecutor(max_workers=4))
service_grpc.add_TraceServiceServicer_to_server(Grpc(), server)
logs_service_grpc.add_LogsServiceServicer_to_server(GrpcLogs(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
show({"http": http.server_address[1], "grpc": port})
sys.stdin.read()
