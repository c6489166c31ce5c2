"""How fast and how large Vertti is; each figure beside something bare that was measured in the same run."""
