"""The nginx check: stub_status over kept connections."""
