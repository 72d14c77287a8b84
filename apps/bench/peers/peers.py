"""Starts one peer: `python3 peers.py LIBRARY THREADS`, then requests as in common.py."""

import importlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from common import limit_threads, serve  # noqa: E402

library, threads = sys.argv[1], int(sys.argv[2])
limit_threads(threads)
peer = importlib.import_module(f"{library}_peer")


def prepare(kind, params):
    return peer.KINDS[kind](params) if kind in peer.KINDS else "does not have it"


serve(library, peer.VERSION, prepare)
