"""The container check: the Docker engine, its containers and their restarts."""
