"""The tests of the sandbox alone."""
