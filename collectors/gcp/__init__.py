"""Reads Google Cloud: projects, and the organization above them with its people."""
