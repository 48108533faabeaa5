"""Paper return: slide an A5 sheet into a frame of red tape."""
