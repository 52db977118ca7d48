"""Which files belong together, what they say, and which file an import means."""
