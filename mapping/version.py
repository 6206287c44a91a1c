"""The version of the mapping, noted on every document it shaped."""

__all__ = ["MAPPING_VERSION"]

MAPPING_VERSION = "1"
