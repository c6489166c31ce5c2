"""Real servers, bad weather before them, and people who use them with clients that are not ours."""
