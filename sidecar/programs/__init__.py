"""Programs that run on our behalf: started by a small process that forks, never by the one that adverts."""
