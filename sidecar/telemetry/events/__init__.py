"""What has happened on this host, kept across restarts for whoever asks later."""
