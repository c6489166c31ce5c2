"""What hangs on the wall: the month's programme, and how to find Vertti.

Half of the people read it in the lobby.  So: large print, black on white, words before pictures, and nothing
that only those who know may read.
"""
