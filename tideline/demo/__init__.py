"""Demo traffic: believable people on invented sites, sent through the real HTTP API."""

from tideline.demo.fill import run
from tideline.demo.send import DemoError
from tideline.demo.sites import DemoSite, default_sites

__all__ = ["DemoError", "DemoSite", "default_sites", "run"]
