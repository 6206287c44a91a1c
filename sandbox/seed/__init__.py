"""What the world is planted with: a Nordic fashion brand, or a file of real orders."""

from sandbox.seed.plant import plant

__all__ = ["plant"]
