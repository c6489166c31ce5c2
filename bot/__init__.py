"""Vertti: a chat companion for peer groups."""
