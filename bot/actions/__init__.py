"""What an organizer can do, once for chat and console."""
