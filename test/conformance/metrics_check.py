"""Reads metrics with Prometheus's own strict reader. Prints the names of the families that it found, as JSON."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

read = read_openmetrics if sys.argv[1] == "openmetrics" else read_text
print(json.dumps([family.name for family in read(sys.stdin.read())]))
