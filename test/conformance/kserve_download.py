"""Fetches a storage URI into a folder as KServe's storage initializer does."""

import sys

from kserve_storage import Storage

Storage.download(sys.argv[1], sys.argv[2])
