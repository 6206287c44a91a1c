"""Tests of the clients of both systems."""
